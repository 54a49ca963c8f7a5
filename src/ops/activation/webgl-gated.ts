import type { GatedActivation } from './functions.js';

/**
 * Phi(x) of the normal distribution, given e = exp(-x^2 / 2): the tail is e times a polynomial in t that keeps its digits far out (as
 * wasm.asm.ts has it).
 */
const NORMAL = `float halfSquare(float x) { return .5 * min(x * x, 400.); }
float normal(float x, float e) {
  float t = 1. / (1. + .24748737 * abs(x));
  float p = (((((((((.018327364 * t - .074771768) * t + .079820607) * t + .00052280675) * t + .031702555) * t + .079277345) * t
    + .07345789) * t + .094403199) * t + .098515369) * t + .098744633) * e * t;
  return x > 0. ? 1. - p : p;
}`;

const SIGMOID = 'float gate(float x) { return 1. / (1. + exp(-x)); }';

/** 2 sqrt(2 / pi) (x + 0.044715 x^3), and its slope. Beyond 16 the gate is 0 or 1, and squares would overflow. */
const CUBIC = `${SIGMOID}
float near(float x) { return x > 16. ? 16. : x < -16. ? -16. : x; }
float cubic(float x) { return x * (1.5957691 + .071354816 * x * x); }
float gateSlope(float x) {
  float s = gate(cubic(x));
  return s + x * s * (1. - s) * (1.5957691 + .21406445 * x * x);
}`;

/** tanh(log(1 + e)) = m / (m + 2) with m = e (e + 2), e = exp(x); beyond 20 it is 1. */
const MISH = `float squares(float e) { return e * (e + 2.); }
float upTo20(float x) { return exp(x > 20. ? 20. : x); }
float mishSlope(float x, float e) {
  float m = squares(e), n = m + 2.;
  return m / n + (x > 20. ? 20. : x) * (4. * e * (e + 1.) / (n * n));
}`;

/** `value(x)` and `slope(y)` by kind, where the slope's y is x itself; NaN stays NaN. */
export const gated: Readonly<Record<GatedActivation, { value: string; slope: string; needs?: string }>> = {
  gelu: {
    value: 'x * normal(x, exp(-halfSquare(x)))',
    slope: 'normal(y, exp(-halfSquare(y))) + y * exp(-halfSquare(y)) * .39894228',
    needs: NORMAL,
  },
  geluTanh: { value: 'x * gate(cubic(near(x)))', slope: 'gateSlope(near(y))', needs: CUBIC },
  silu: { value: 'x * gate(x)', slope: 'gate(y) * (1. + y * (1. - gate(y)))', needs: SIGMOID },
  hardSwish: {
    value: 'x * (x < -3. ? 0. : x > 3. ? 1. : (x + 3.) / 6.)',
    slope: 'y <= -3. ? 0. : y > 3. ? 1. : y / 3. + .5',
  },
  mish: {
    value: 'x * (squares(upTo20(x)) / (squares(upTo20(x)) + 2.))',
    slope: 'mishSlope(y, upTo20(y))',
    needs: MISH,
  },
};
