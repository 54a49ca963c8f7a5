import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { defineOp } from '../../define-op.js';
import { checkFloat32 } from '../input.js';
import { type GlobalPoolGeometry, type GlobalPoolOptions, globalPoolGeometry, globalPoolShape } from './geometry.js';
import { maxKernels } from './kernels.js';

/**
 * Global max pooling: y = the largest x over height and width, per channel; NaN is larger than every number.
 * Adjoint:     dx = dy at the first of the largest, row by row, and 0 elsewhere.
 * Source:      Keras's GlobalMaxPooling2D.
 *
 * @param x       float32 [batch, height, width, channels]
 * @param options keepDims (default false)
 * @returns       float32 [batch, channels], or with keepDims [batch, 1, 1, channels]
 * @throws GeometryError where x has another rank or no pixels
 */
export const globalMaxPool = defineOp<[x: Tensor4D, options?: GlobalPoolOptions], GlobalPoolGeometry, Tensor>({
  name: 'CnnGlobalMaxPool',
  prepare(x, options = {}) {
    checkFloat32('globalMaxPool', 'x', x);
    return { inputs: { x }, geometry: globalPoolGeometry('globalMaxPool', x.shape, options) };
  },
  forward: { inputs: ['x'], outputs: { y: globalPoolShape } },
  backward: {
    dx: { inputs: ['dy', 'x', 'y'], outputs: { dx: (g) => [g.batch, g.inHeight, g.inWidth, g.inChannels] } },
  },
  kernels: maxKernels,
});
