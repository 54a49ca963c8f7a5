import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { defineOp } from '../../define-op.js';
import type { WindowOptions } from '../../geometry.js';
import type { FusedActivation } from '../activation/fused.js';
import { filterOp } from '../filter-op.js';
import { checkFloat32 } from '../input.js';
import { cpu } from './cpu.js';
import { type DepthwiseConv2DGeometry, depthwiseConv2dGeometry } from './geometry.js';
import { portable } from './portable.js';
import { reference } from './reference.js';
import { wasmCnn } from './wasm.js';

/** strides (default 1), pads (default 'valid'), dilations (default 1), and what follows. */
export interface DepthwiseConv2DOptions extends Omit<WindowOptions, 'ceilMode'> {
  /** float32 [channels * multiplier]; default none. */
  bias?: Tensor1D;
  /** Applied to the result in the same pass; default 'linear'. */
  activation?: FusedActivation;
}

/**
 * Depthwise convolution: each channel has filters of its own, m = 0 .. multiplier - 1, and sees no other.
 *              y[b, oy, ox, c multiplier + m] = act(bias[c multiplier + m] + sum over ky, kx of
 *                                               x[b, oy s - p + ky d, ox s - p + kx d, c] filter[ky, kx, c, m])
 *              with s strides, d dilations, p pads, x being 0 outside the picture.
 * Adjoint:     with dz = dy act'(y): dx = sum of dz filter, dfilter = sum of x dz, each over all pairs the
 *              formula joins; dbias = sum of dz over batch and places.
 * Source:      Chollet, Xception (2016); TensorFlow's depthwise_conv2d, whose filter this is.
 *
 * @param x       float32 [batch, height, width, channels]
 * @param filter  float32 [filterHeight, filterWidth, channels, multiplier]
 * @param options strides, pads, dilations, bias, activation
 * @returns       float32 [batch, outHeight, outWidth, channels * multiplier]
 * @throws GeometryError naming the sizes where they do not fit together or no output is left
 */
export const depthwiseConv2d = defineOp<
  [x: Tensor4D, filter: Tensor4D, options?: DepthwiseConv2DOptions],
  DepthwiseConv2DGeometry,
  Tensor4D
>({
  name: 'CnnDepthwiseConv2D',
  prepare(x, filter, { bias, ...options } = {}) {
    checkFloat32('depthwiseConv2d', 'x', x);
    checkFloat32('depthwiseConv2d', 'filter', filter);
    if (bias !== undefined) checkFloat32('depthwiseConv2d', 'bias', bias);
    const geometry = depthwiseConv2dGeometry(x.shape, filter.shape, { ...options, biasShape: bias?.shape });
    return { inputs: { x, filter, bias }, geometry };
  },
  ...filterOp((g) => [g.filterHeight, g.filterWidth, g.inChannels, g.multiplier]),
  kernels: { reference, cpu, wasmCnn, portable },
});
