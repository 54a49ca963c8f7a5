import { type FusedActivation, fusedActivation } from './fused.js';
import { normalCdf, normalDensity } from './normal.js';

/** Every activation of the package but maxout, which is no function of one number. */
export type ActivationKind =
  | FusedActivation
  | 'leakyRelu'
  | 'selu'
  | 'softplus'
  | 'hardSigmoid'
  | 'gelu'
  | 'geluTanh'
  | 'silu'
  | 'hardSwish'
  | 'mish';

/** Numbers under which WebAssembly kernels know the activations. */
export const activationCode: Readonly<Record<ActivationKind, number>> = {
  linear: 0,
  relu: 1,
  relu6: 2,
  elu: 3,
  sigmoid: 4,
  tanh: 5,
  leakyRelu: 6,
  selu: 7,
  softplus: 8,
  hardSigmoid: 9,
  gelu: 10,
  geluTanh: 11,
  silu: 12,
  hardSwish: 13,
  mish: 14,
};

/** x times a gate that depends on x: y does not tell x, so the derivative needs x itself. */
export type GatedActivation = 'gelu' | 'geluTanh' | 'silu' | 'hardSwish' | 'mish';

export function isGated(kind: ActivationKind): kind is GatedActivation {
  return activationCode[kind] >= activationCode.gelu;
}

/** y = value(x, alpha), and its derivative as a function of y, or of x where `isGated`. */
interface ScalarActivation {
  value(x: number, alpha: number): number;
  slope(seen: number, alpha: number): number;
}

const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;

const { linear, relu, relu6, sigmoid, tanh } = fusedActivation;
const cubic = (x: number): number => 2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3);
const cubicSlope = (x: number): number => 2 * Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x ** 2);
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** The activations as their papers write them. At the kinks the slope is the left one, as in PyTorch. */
export const scalarActivation: Readonly<Record<ActivationKind, ScalarActivation>> = {
  linear: { value: linear, slope: () => 1 },
  relu: { value: relu, slope: (y) => (y <= 0 ? 0 : 1) },
  relu6: { value: relu6, slope: (y) => (y <= 0 || y >= 6 ? 0 : 1) },
  elu: { value: (x, alpha) => (x > 0 ? x : alpha * Math.expm1(x)), slope: (y, alpha) => (y <= 0 ? y + alpha : 1) },
  sigmoid: { value: sigmoid, slope: (y) => y * (1 - y) },
  tanh: { value: tanh, slope: (y) => 1 - y * y },
  leakyRelu: { value: (x, alpha) => (x > 0 ? x : alpha * x), slope: (y, alpha) => (y <= 0 ? alpha : 1) },
  selu: {
    value: (x) => SELU_SCALE * (x > 0 ? x : SELU_ALPHA * Math.expm1(x)),
    slope: (y) => (y <= 0 ? y + SELU_SCALE * SELU_ALPHA : SELU_SCALE),
  },
  softplus: { value: softplus, slope: (y) => -Math.expm1(-y) },
  hardSigmoid: { value: (x) => relu6(x + 3) / 6, slope: (y) => (y <= 0 || y >= 1 ? 0 : 1 / 6) },
  gelu: { value: (x) => x * normalCdf(x), slope: (x) => normalCdf(x) + x * normalDensity(x) },
  geluTanh: {
    value: (x) => x * sigmoid(cubic(x)),
    slope: (x) => sigmoid(cubic(x)) + x * sigmoid(cubic(x)) * sigmoid(-cubic(x)) * cubicSlope(x),
  },
  silu: { value: (x) => x * sigmoid(x), slope: (x) => sigmoid(x) * (1 + x * sigmoid(-x)) },
  hardSwish: {
    value: (x) => (x * relu6(x + 3)) / 6,
    slope: (x) => (x <= -3 ? 0 : x > 3 ? 1 : x / 3 + 0.5),
  },
  mish: {
    value: (x) => x * Math.tanh(softplus(x)),
    slope: (x) => Math.tanh(softplus(x)) + (x * sigmoid(x)) / Math.cosh(softplus(x)) ** 2,
  },
};
