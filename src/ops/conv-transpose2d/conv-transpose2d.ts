import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { defineOp } from '../../define-op.js';
import type { FusedActivation } from '../activation/fused.js';
import { fusedActivationGrad } from '../activation/fused-gradient.js';
import { checkFloat32 } from '../input.js';
import { type ConvTranspose2DGeometry, type ConvTranspose2DWindow, convTranspose2dGeometry } from './geometry.js';
import { kernels } from './kernels.js';

/** strides (default 1), pads (default 0), outputPadding (default 0), dilations (default 1), and what follows. */
export interface ConvTranspose2DOptions extends ConvTranspose2DWindow {
  /** Channels of x and of y are cut into this many equal parts, part k of y sees part k of x; default 1. */
  groups?: number;
  /** float32 [outChannels]; default none. */
  bias?: Tensor1D;
  /** Applied to the result in the same pass; default 'linear'. */
  activation?: FusedActivation;
}

/**
 * Transposed convolution, the adjoint of conv2d as a layer, with s strides, d dilations, p pads:
 *              y[b, iy s - p + ky d, ix s - p + kx d, co] += x[b, iy, ix, ci] filter[ky, kx, co, ci]
 *              for all b, iy, ix, ky, kx, ci, wherever that is inside of y; then y = act(y + bias). Its height is
 *              (height - 1) s - 2 p + d (filterHeight - 1) + 1 + outputPadding.
 * Adjoint:     with dz = dy act'(y), and conv2d by the same strides, pads and dilations:
 *              dx = conv2d(dz, filter), dfilter = conv2d's dfilter with dz for x and x for dy, dbias = sum of dz.
 * Source:      PyTorch's conv_transpose2d; Dumoulin and Visin, A guide to convolution arithmetic for deep learning
 *              (2016), chapter 4.
 *
 * @param x       float32 [batch, height, width, channels]
 * @param filter  float32 [filterHeight, filterWidth, outChannels / groups, channels], as TensorFlow has it
 * @param options strides, pads, outputPadding, dilations, groups, bias, activation
 * @returns       float32 [batch, outHeight, outWidth, outChannels]
 * @throws GeometryError naming the sizes where they do not fit together or no output is left
 */
export const convTranspose2d = defineOp<
  [x: Tensor4D, filter: Tensor4D, options?: ConvTranspose2DOptions],
  ConvTranspose2DGeometry,
  Tensor4D
>({
  name: 'CnnConvTranspose2D',
  prepare(x, filter, { bias, ...options } = {}) {
    checkFloat32('convTranspose2d', 'x', x);
    checkFloat32('convTranspose2d', 'filter', filter);
    if (bias !== undefined) checkFloat32('convTranspose2d', 'bias', bias);
    const geometry = convTranspose2dGeometry(x.shape, filter.shape, { ...options, biasShape: bias?.shape });
    return { inputs: { x, filter, bias }, geometry };
  },
  forward: {
    inputs: ['x', 'filter', 'bias'],
    outputs: { y: ({ convolution: g }) => [g.batch, g.inHeight, g.inWidth, g.inChannels] },
  },
  backward: {
    dx: {
      inputs: ['dy', 'filter'],
      outputs: { dx: ({ convolution: g }) => [g.batch, g.outHeight, g.outWidth, g.outChannels] },
    },
    dfilter: {
      inputs: ['x', 'dy'],
      outputs: { dfilter: ({ convolution: g }) => [g.filterHeight, g.filterWidth, g.inChannels / g.groups, g.outChannels] },
    },
    dbias: { inputs: ['dy'], outputs: { dbias: ({ convolution: g }) => [g.inChannels] } },
  },
  unfuse: (dy, y, { activation }) => fusedActivationGrad(dy, y, activation),
  kernels,
});
