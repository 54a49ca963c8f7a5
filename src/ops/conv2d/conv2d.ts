import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { defineOp } from '../../define-op.js';
import type { WindowOptions } from '../../geometry.js';
import type { FusedActivation } from '../activation/fused.js';
import { filterOp } from '../filter-op.js';
import { checkFloat32 } from '../input.js';
import { cpu } from './cpu.js';
import { type Conv2DGeometry, conv2dGeometry } from './geometry.js';
import { portable } from './portable.js';
import { reference } from './reference.js';
import { wasmCnn } from './wasm.js';

/** strides (default 1), pads (default 'valid'), dilations (default 1), and what follows. */
export interface Conv2DOptions extends Omit<WindowOptions, 'ceilMode'> {
  /** Channels of x and of y are cut into this many equal parts, part k of y sees part k of x; default 1. */
  groups?: number;
  /** float32 [outChannels]; default none. */
  bias?: Tensor1D;
  /** Applied to the result in the same pass; default 'linear'. */
  activation?: FusedActivation;
}

/**
 * Convolution (cross-correlation, as everywhere in deep learning), with s strides, d dilations, p pads:
 *              y[b, oy, ox, co] = act(bias[co] + sum over ky, kx, ci of
 *                                 x[b, oy s - p + ky d, ox s - p + kx d, ci] filter[ky, kx, ci, co]),
 *              x being 0 outside the picture and ci running over the channels of co's group.
 * Adjoint:     the same sum seen from the other sides. With dz = dy act'(y):
 *              dx      = sum of dz filter over all outputs an input reaches,
 *              dfilter = sum of x dz over all places a filter element is laid on,
 *              dbias   = sum of dz over batch and places.
 * Rounding:    on 'wasm-cnn' (and 'wasm', accelerated) a 3x3 filter with stride 1 and 16 channels or more is computed, as are its
 *              gradients, by Winograd's F(4x4, 3x3): about twice as fast and more, with about twice the rounding error of a
 *              direct float32 sum. `tf.env().set('CNN_WINOGRAD', false)` keeps the direct sums; the default is true.
 * Source:      PyTorch's conv2d; Dumoulin and Visin, A guide to convolution arithmetic for deep learning (2016).
 *
 * @param x       float32 [batch, height, width, channels]
 * @param filter  float32 [filterHeight, filterWidth, channels / groups, outChannels]
 * @param options strides, pads, dilations, groups, bias, activation
 * @returns       float32 [batch, outHeight, outWidth, outChannels]
 * @throws GeometryError naming the sizes where they do not fit together or no output is left
 */
export const conv2d = defineOp<[x: Tensor4D, filter: Tensor4D, options?: Conv2DOptions], Conv2DGeometry, Tensor4D>({
  name: 'CnnConv2D',
  prepare(x, filter, { bias, ...options } = {}) {
    checkFloat32('conv2d', 'x', x);
    checkFloat32('conv2d', 'filter', filter);
    if (bias !== undefined) checkFloat32('conv2d', 'bias', bias);
    const geometry = conv2dGeometry(x.shape, filter.shape, { ...options, biasShape: bias?.shape });
    return { inputs: { x, filter, bias }, geometry };
  },
  ...filterOp((g) => [g.filterHeight, g.filterWidth, g.inChannels / g.groups, g.outChannels]),
  kernels: { reference, cpu, wasmCnn, portable },
});
