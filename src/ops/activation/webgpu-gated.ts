import type { Element } from '../../backends/webgpu/program.js';
import type { GatedActivation } from './functions.js';

/** Value or slope as an expression of x; T is f32 or vec4<f32>. */
interface Formula {
  readonly value: string;
  readonly calls: (T: Element) => string;
}

/**
 * Phi(x) of the normal distribution, given e = exp(-x^2 / 2): the tail is e times a polynomial in t that keeps its digits far out (as
 * wasm.asm.ts has it).
 */
const normal = (T: Element): string => `
fn bell(x: ${T}) -> ${T} { return exp(-0.5 * min(x * x, ${T}(400.0))); }
fn normal(x: ${T}, e: ${T}) -> ${T} {
  let t = 1.0 / (1.0 + 0.24748737 * abs(x));
  var p = ${T}(0.018327364);
  ${[-0.074771768, 0.079820607, 0.00052280675, 0.031702555, 0.079277345, 0.07345789, 0.094403199, 0.098515369, 0.098744633]
    .map((c) => `p = p * t + (${c});`)
    .join(' ')}
  return select(p * e * t, 1.0 - p * e * t, x > ${T}());
}`;

const sigmoid = (T: Element): string => `
fn gate(x: ${T}) -> ${T} { return 1.0 / (1.0 + exp(-x)); }
fn gateSlope(x: ${T}) -> ${T} { return gate(x) * (1.0 + x * (1.0 - gate(x))); }`;

/** 2 sqrt(2 / pi) (x + 0.044715 x^3), and its slope. Beyond 16 the gate is 0 or 1, and squares would overflow. */
const cubic = (T: Element): string => `
fn near(x: ${T}) -> ${T} { return select(select(x, ${T}(-16.0), x < ${T}(-16.0)), ${T}(16.0), x > ${T}(16.0)); }
fn gate(x: ${T}) -> ${T} { return 1.0 / (1.0 + exp(-x * (1.5957691 + 0.071354816 * x * x))); }
fn gateSlope(x: ${T}) -> ${T} {
  let s = gate(x);
  return s + x * s * (1.0 - s) * (1.5957691 + 0.21406445 * x * x);
}`;

/** tanh(log(1 + e)) = m / (m + 2) with m = e (e + 2), e = exp(x); beyond 20 it is 1. */
const mish = (T: Element): string => `
fn upTo20(x: ${T}) -> ${T} { return select(x, ${T}(20.0), x > ${T}(20.0)); }
fn gate(e: ${T}) -> ${T} { return e * (e + 2.0) / (e * (e + 2.0) + 2.0); }
fn gateSlope(x: ${T}) -> ${T} {
  let e = exp(x);
  let n = e * (e + 2.0) + 2.0;
  return gate(e) + x * (4.0 * e * (e + 1.0) / (n * n));
}`;

const none = (): string => '';

export const gatedValues: Readonly<Record<GatedActivation, Formula>> = {
  gelu: { value: 'x * normal(x, bell(x))', calls: normal },
  geluTanh: { value: 'x * gate(near(x))', calls: cubic },
  silu: { value: 'x * gate(x)', calls: sigmoid },
  hardSwish: { value: 'x * select(select((x + 3.0) / 6.0, T(), x < T(-3.0)), T(1.0), x > T(3.0))', calls: none },
  mish: { value: 'x * gate(exp(upTo20(x)))', calls: mish },
};

/** Of x, which the kernels call y as they do what the other slopes follow from. */
export const gatedSlopes: Readonly<Record<GatedActivation, Formula>> = {
  gelu: { value: 'normal(y, bell(y)) + y * bell(y) * 0.39894228', calls: normal },
  geluTanh: { value: 'gateSlope(near(y))', calls: cubic },
  silu: { value: 'gateSlope(y)', calls: sigmoid },
  hardSwish: { value: 'select(select(y / 3.0 + 0.5, T(), y <= T(-3.0)), T(1.0), y > T(3.0))', calls: none },
  mish: { value: 'gateSlope(upTo20(y))', calls: mish },
};
