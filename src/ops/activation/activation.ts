/**
 * Activations, element by element.
 * Formulas:  functions.ts, as their papers have them.
 * Adjoint:   dx = dy act'(x). For all but the gated ones (x times something: gelu, silu, hardSwish, mish) the
 *            derivative follows from y alone; then y is kept for the backward pass, which the next layer
 *            keeps anyway, and x is not. At a kink the slope is the left one.
 * Source:    PyTorch's functions of the same names; NaN stays NaN.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { defineOp } from '../../define-op.js';
import { checkFloat32 } from '../input.js';
import { cpu } from './cpu.js';
import type { ActivationKind } from './functions.js';
import { type ActivationGeometry, activationGeometry } from './geometry.js';
import { portable } from './portable.js';
import { reference } from './reference.js';
import { wasmCnn } from './wasm.js';

const kernels = { reference, cpu, wasmCnn, portable };
const shape = (g: ActivationGeometry): number[] => g.shape;

function prepare(x: Tensor, kind: ActivationKind, alpha?: number) {
  checkFloat32(kind, 'x', x);
  return { inputs: { x }, geometry: activationGeometry(kind, x.shape, alpha) };
}

/** The activations whose derivative follows from y. */
export const activation = defineOp({
  name: 'CnnActivation',
  prepare,
  forward: { inputs: ['x'], outputs: { y: shape } },
  backward: { dx: { inputs: ['dy', 'y'], outputs: { dx: shape } } },
  kernels,
});

/** The activations that are x times a gate. */
export const gatedActivation = defineOp({
  name: 'CnnGatedActivation',
  prepare,
  forward: { inputs: ['x'], outputs: { y: shape } },
  backward: { dx: { inputs: ['dy', 'x'], outputs: { dx: shape } } },
  kernels,
});

/** max(x, 0). float32 of any shape. */
export const relu = (x: Tensor): Tensor => activation(x, 'relu');

/** x where x > 0, else alpha x. @param alpha slope below zero, >= 0; default 0.01 as in PyTorch */
export const leakyRelu = (x: Tensor, alpha = 0.01): Tensor => activation(x, 'leakyRelu', alpha);

/** min(max(x, 0), 6) */
export const relu6 = (x: Tensor): Tensor => activation(x, 'relu6');

/** x where x > 0, else alpha (exp(x) - 1). @param alpha >= 0; default 1 */
export const elu = (x: Tensor, alpha = 1): Tensor => activation(x, 'elu', alpha);

/** Scaled elu: 1.0507 elu(x, 1.6733), which keeps mean 0 and variance 1 from layer to layer. */
export const selu = (x: Tensor): Tensor => activation(x, 'selu');

/** 1 / (1 + exp(-x)) */
export const sigmoid = (x: Tensor): Tensor => activation(x, 'sigmoid');

/** Hyperbolic tangent. */
export const tanh = (x: Tensor): Tensor => activation(x, 'tanh');

/** log(1 + exp(x)), without overflow. */
export const softplus = (x: Tensor): Tensor => activation(x, 'softplus');

/** relu6(x + 3) / 6 */
export const hardSigmoid = (x: Tensor): Tensor => activation(x, 'hardSigmoid');

/**
 * x Phi(x), Phi the normal distribution function.
 * @param approximate 'none' (default): exact; 'tanh': x sigmoid(2 sqrt(2 / pi) (x + 0.044715 x^3))
 */
export const gelu = (x: Tensor, approximate: 'none' | 'tanh' = 'none'): Tensor =>
  gatedActivation(x, approximate === 'tanh' ? 'geluTanh' : 'gelu');

/** x sigmoid(x), also called swish. */
export const silu = (x: Tensor): Tensor => gatedActivation(x, 'silu');

/** x relu6(x + 3) / 6 */
export const hardSwish = (x: Tensor): Tensor => gatedActivation(x, 'hardSwish');

/** x tanh(softplus(x)) */
export const mish = (x: Tensor): Tensor => gatedActivation(x, 'mish');
