/**
 * Activations in WGSL. T is f32 or vec4<f32>. WGSL leaves open what max and min make of NaN, and tanh and the small values of exp(x) - 1
 * lose digits: so comparisons choose, which keeps NaN, and small arguments go through a series.
 */
import type { Element } from '../../backends/webgpu/program.js';
import type { ActivationKind } from './functions.js';
import type { FusedActivation } from './fused.js';
import { gatedSlopes, gatedValues } from './webgpu-gated.js';

const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;

/** exp(x) - 1 for x <= 0, say: below 0.25 by nine terms of its series, whose rest is below 2^-24 of it. */
const expm1 = (T: Element): string => `
fn expm1(x: ${T}) -> ${T} {
  var sum = ${T}(1.0 / 9.0);
  ${[8, 7, 6, 5, 4, 3, 2].map((n) => `sum = (1.0 + x * sum) * ${T}(1.0 / ${n}.0);`).join(' ')}
  return select(exp(x) - 1.0, x * (1.0 + x * sum), abs(x) < ${T}(0.25));
}`;

/** log(1 + u) for u in [0, 1]: 2 artanh(u / (2 + u)), whose argument is a third at most. */
const log1p = (T: Element): string => `
fn log1p(u: ${T}) -> ${T} {
  let s = u / (2.0 + u);
  let t = s * s;
  var sum = ${T}(1.0 / 17.0);
  ${[15, 13, 11, 9, 7, 5, 3].map((n) => `sum = ${T}(1.0 / ${n}.0) + t * sum;`).join(' ')}
  return 2.0 * s * (1.0 + t * sum);
}`;

/** Value of x; `a` is alpha. Each with what it calls. */
const values: Readonly<Record<ActivationKind, { value: string; calls?: (T: Element) => string }>> = {
  linear: { value: 'x' },
  relu: { value: 'select(x, T(), x < T())' },
  relu6: { value: 'select(select(x, T(), x < T()), T(6.0), x > T(6.0))' },
  leakyRelu: { value: 'select(a * x, x, x > T())' },
  elu: { value: 'select(a * expm1(select(x, T(), x > T())), x, x > T())', calls: expm1 },
  selu: { value: `${SELU_SCALE} * select(${SELU_ALPHA} * expm1(select(x, T(), x > T())), x, x > T())`, calls: expm1 },
  sigmoid: { value: '1.0 / (1.0 + exp(-x))' },
  tanh: { value: 'select(T(1.0), T(-1.0), x < T()) * (-expm1(-2.0 * abs(x)) / (2.0 + expm1(-2.0 * abs(x))))', calls: expm1 },
  softplus: { value: 'select(x, T(), x < T()) + log1p(exp(-abs(x)))', calls: log1p },
  hardSigmoid: { value: 'select(select(x + 3.0, T(), x + 3.0 < T()), T(6.0), x + 3.0 > T(6.0)) / 6.0' },
  ...gatedValues,
};

/** Derivative as a function of y, of gated ones of x. At the kinks it is the left one. */
const slopes: Readonly<Record<ActivationKind, { value: string; calls?: (T: Element) => string }>> = {
  linear: { value: 'T(1.0)' },
  relu: { value: 'select(T(1.0), T(), y <= T())' },
  relu6: { value: 'select(T(1.0), T(), (y <= T()) | (y >= T(6.0)))' },
  leakyRelu: { value: 'select(T(1.0), T(a), y <= T())' },
  elu: { value: 'select(T(1.0), y + a, y <= T())' },
  selu: { value: `select(T(${SELU_SCALE}), y + ${SELU_SCALE * SELU_ALPHA}, y <= T())` },
  sigmoid: { value: 'y * (1.0 - y)' },
  tanh: { value: '1.0 - y * y' },
  softplus: { value: '-expm1(-y)', calls: expm1 },
  hardSigmoid: { value: 'select(T(1.0 / 6.0), T(), (y <= T()) | (y >= T(1.0)))' },
  ...gatedSlopes,
};

const typed = (text: string, T: Element): string => text.replace(/\bT\(/g, `${T}(`);

/** fn value(x, a). */
export function valueText(T: Element, kind: ActivationKind): string {
  const { value, calls } = values[kind];
  return `${calls?.(T) ?? ''}
fn value(x: ${T}, a: f32) -> ${T} { return ${typed(value, T)}; }`;
}

/** fn slope(y, a). */
export function slopeText(T: Element, kind: ActivationKind): string {
  const { value, calls } = slopes[kind];
  return `${calls?.(T) ?? ''}
fn slope(y: ${T}, a: f32) -> ${T} { return ${typed(value, T)}; }`;
}

/** fn fused(x): what a kernel applies to its own result. */
export function fusedText(T: Element, kind: FusedActivation): string {
  return `${valueText(T, kind)}
fn fused(x: ${T}) -> ${T} { return value(x, 1.0); }`;
}
