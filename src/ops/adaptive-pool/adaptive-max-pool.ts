import type { Tensor4D } from '@tensorflow/tfjs-core';
import { defineOp } from '../../define-op.js';
import { checkFloat32 } from '../input.js';
import { type AdaptivePoolGeometry, type AdaptivePoolOptions, adaptivePoolGeometry } from './geometry.js';
import { maxKernels } from './kernels.js';

/**
 * Adaptive max pooling: y = the largest x of a bin, per channel; NaN is larger than every number. The bins
 *              of one axis are [floor(o * in / out), ceil((o + 1) * in / out)) for o = 0 .. out - 1.
 * Adjoint:     dx = sum of dy over the bins in which the element is the first of the largest, row by row.
 * Source:      PyTorch's adaptive_max_pool2d.
 *
 * @param x       float32 [batch, height, width, channels]
 * @param options outputSize: a number, or [height, width]; larger than the picture is allowed
 * @returns       float32 [batch, outHeight, outWidth, channels]
 * @throws GeometryError where x has another rank or no pixels
 */
export const adaptiveMaxPool = defineOp<[x: Tensor4D, options: AdaptivePoolOptions], AdaptivePoolGeometry, Tensor4D>({
  name: 'CnnAdaptiveMaxPool',
  prepare(x, options) {
    checkFloat32('adaptiveMaxPool', 'x', x);
    return { inputs: { x }, geometry: adaptivePoolGeometry('adaptiveMaxPool', x.shape, options) };
  },
  forward: { inputs: ['x'], outputs: { y: (g) => [g.batch, g.outHeight, g.outWidth, g.outChannels] } },
  backward: {
    dx: { inputs: ['dy', 'x', 'y'], outputs: { dx: (g) => [g.batch, g.inHeight, g.inWidth, g.inChannels] } },
  },
  kernels: maxKernels,
});
