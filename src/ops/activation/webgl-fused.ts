import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { FusedActivation } from './fused.js';

/** What is done to sums before they are written. */
export interface Finish {
  /** Added to every row [columns]. */
  readonly bias?: TensorInfo | undefined;
  readonly activation: FusedActivation;
}

export const UNCHANGED: Finish = { activation: 'linear' };

/** exp(x) - 1 without cancellation around 0. */
export const EXPM1 = `float expm1(float x) {
  if (abs(x) > .35) return exp(x) - 1.;
  return x * (1. + x * (.5 + x * (1. / 6. + x * (1. / 24. + x * (1. / 120. + x * (1. / 720. + x * (1. / 5040. + x / 40320.)))))));
}`;

/** GLSL's own may overflow to NaN for large |x|. */
export const TANH = `float tanhOf(float x) {
  float e = expm1(-2. * abs(x));
  return (x < 0. ? e : -e) / (e + 2.);
}`;

/** The activations of fused.ts of one number; NaN stays NaN. */
const functions: Readonly<Record<FusedActivation, string>> = {
  linear: 'float act(float x) { return x; }',
  relu: 'float act(float x) { return x < 0. ? 0. : x; }',
  relu6: 'float act(float x) { return x < 0. ? 0. : x > 6. ? 6. : x; }',
  elu: `${EXPM1}\nfloat act(float x) { return x < 0. ? expm1(x) : x; }`,
  sigmoid: 'float act(float x) { return 1. / (1. + exp(-x)); }',
  tanh: `${EXPM1}\n${TANH}\nfloat act(float x) { return tanhOf(x); }`,
};

/** `vec4 activate(vec4)` */
export function activateCode(activation: FusedActivation): string {
  if (activation === 'linear') return 'vec4 activate(vec4 v) { return v; }';
  return `${functions[activation]}\nvec4 activate(vec4 v) { return vec4(act(v.x), act(v.y), act(v.z), act(v.w)); }`;
}
