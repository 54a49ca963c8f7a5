import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { defineOp } from '../../define-op.js';
import { checkFloat32 } from '../input.js';
import { type GlobalPoolGeometry, type GlobalPoolOptions, globalPoolGeometry, globalPoolShape } from './geometry.js';
import { averageKernels } from './kernels.js';

/**
 * Global average pooling: y = mean of x over height and width, per channel.
 * Adjoint:     dx = dy / (height * width), everywhere.
 * Source:      Lin, Chen, Yan: Network In Network, 2013.
 *
 * @param x       float32 [batch, height, width, channels]
 * @param options keepDims (default false)
 * @returns       float32 [batch, channels], or with keepDims [batch, 1, 1, channels]
 * @throws GeometryError where x has another rank or no pixels
 */
export const globalAvgPool = defineOp<[x: Tensor4D, options?: GlobalPoolOptions], GlobalPoolGeometry, Tensor>({
  name: 'CnnGlobalAvgPool',
  prepare(x, options = {}) {
    checkFloat32('globalAvgPool', 'x', x);
    return { inputs: { x }, geometry: globalPoolGeometry('globalAvgPool', x.shape, options) };
  },
  forward: { inputs: ['x'], outputs: { y: globalPoolShape } },
  backward: {
    dx: { inputs: ['dy'], outputs: { dx: (g) => [g.batch, g.inHeight, g.inWidth, g.inChannels] } },
  },
  kernels: averageKernels,
});
