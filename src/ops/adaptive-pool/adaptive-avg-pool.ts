import type { Tensor4D } from '@tensorflow/tfjs-core';
import { defineOp } from '../../define-op.js';
import { checkFloat32 } from '../input.js';
import { type AdaptivePoolGeometry, type AdaptivePoolOptions, adaptivePoolGeometry } from './geometry.js';
import { averageKernels } from './kernels.js';

/**
 * Adaptive average pooling: y = mean of x over a bin, per channel. The bins of one axis are
 *              [floor(o * in / out), ceil((o + 1) * in / out)) for o = 0 .. out - 1.
 * Adjoint:     dx = sum over the bins that hold the element of dy / elements of the bin.
 * Source:      PyTorch's adaptive_avg_pool2d.
 *
 * @param x       float32 [batch, height, width, channels]
 * @param options outputSize: a number, or [height, width]; larger than the picture is allowed
 * @returns       float32 [batch, outHeight, outWidth, channels]
 * @throws GeometryError where x has another rank or no pixels
 */
export const adaptiveAvgPool = defineOp<[x: Tensor4D, options: AdaptivePoolOptions], AdaptivePoolGeometry, Tensor4D>({
  name: 'CnnAdaptiveAvgPool',
  prepare(x, options) {
    checkFloat32('adaptiveAvgPool', 'x', x);
    return { inputs: { x }, geometry: adaptivePoolGeometry('adaptiveAvgPool', x.shape, options) };
  },
  forward: { inputs: ['x'], outputs: { y: (g) => [g.batch, g.outHeight, g.outWidth, g.outChannels] } },
  backward: {
    dx: { inputs: ['dy'], outputs: { dx: (g) => [g.batch, g.inHeight, g.inWidth, g.inChannels] } },
  },
  kernels: averageKernels,
});
