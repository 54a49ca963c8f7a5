import type { Tensor4D } from '@tensorflow/tfjs-core';
import { defineOp } from '../../define-op.js';
import { checkFloat32 } from '../input.js';
import { cpu } from './cpu.js';
import {
  type LocalResponseNormalizationGeometry,
  type LocalResponseNormalizationOptions,
  localResponseNormalizationGeometry,
} from './geometry.js';
import { portable } from './portable.js';
import { reference } from './reference.js';
import { wasmCnn } from './wasm.js';

/**
 * Local response normalization across channels, over a window of n channels around each:
 *   y = x / s^beta,  s = k + a * sum over the window of x^2,
 *   a = alpha / n (PyTorch, Caffe), or alpha itself (tfjs, TensorFlow, the paper).
 * Adjoint: dx = dy / s^beta - 2 a beta x * sum over the windows that hold the channel of dy x / s^(beta + 1).
 * Source:  Krizhevsky, Sutskever, Hinton: ImageNet Classification with Deep Convolutional Neural Networks, 2012, 3.3.
 *
 * @param x       float32 [batch, height, width, channels]
 * @param options size (default 5) or depthRadius, alpha (1e-4), beta (0.75), k or bias (1), divideAlpha
 *                (default: true, false where depthRadius is given)
 * @returns       float32, the shape of x
 * @throws ArgumentError naming the option that cannot be used
 */
export const localResponseNormalization = defineOp<
  [x: Tensor4D, options?: LocalResponseNormalizationOptions],
  LocalResponseNormalizationGeometry,
  Tensor4D
>({
  name: 'CnnLocalResponseNormalization',
  prepare(x, options = {}) {
    checkFloat32('localResponseNormalization', 'x', x);
    return { inputs: { x }, geometry: localResponseNormalizationGeometry(x.shape, options) };
  },
  forward: { inputs: ['x'], outputs: { y: (g) => [...g.shape] } },
  // s is computed again: the sum is a few additions, and keeping it is as much memory as x.
  backward: { dx: { inputs: ['dy', 'x'], outputs: { dx: (g) => [...g.shape] } } },
  kernels: { reference, cpu, wasmCnn, portable },
});
