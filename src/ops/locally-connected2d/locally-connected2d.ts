import type { Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { defineOp } from '../../define-op.js';
import type { Padding, Pair } from '../../geometry.js';
import type { FusedActivation } from '../activation/fused.js';
import { filterOp } from '../filter-op.js';
import { checkFloat32 } from '../input.js';
import { cpu } from './cpu.js';
import { type LocallyConnected2DGeometry, locallyConnected2dGeometry } from './geometry.js';
import { portable } from './portable.js';
import { reference } from './reference.js';
import { wasmCnn } from './wasm.js';

/** Options of the op locallyConnected2d. */
export interface LocallyConnected2DOptions {
  /** Height and width of the window. */
  kernelSize: Pair;
  /** Step of the window; default 1. */
  strides?: Pair;
  /** Zeros around the picture; default 'valid'. */
  pads?: Padding;
  /** float32 [outHeight, outWidth, filters]; default none. */
  bias?: Tensor3D;
  /** Applied to the result in the same pass; default 'linear'. */
  activation?: FusedActivation;
}

/**
 * Unshared convolution: every place of y has a filter and a bias of its own. With s strides and p pads
 *              y[b, oy, ox, co] = act(bias[oy, ox, co] + sum over ky, kx, ci of
 *                                 x[b, oy s - p + ky, ox s - p + kx, ci] filter[oy, ox, (ky, kx, ci), co]),
 *              x being 0 outside the picture and (ky, kx, ci) = (ky kernelWidth + kx) channels + ci.
 * Adjoint:     with dz = dy act'(y):
 *              dx      = sum of dz filter over all outputs an input reaches,
 *              dfilter = sum of x dz over the batch, dbias = sum of dz over the batch.
 * Source:      Keras's LocallyConnected2D; Taigman et al., DeepFace (2014).
 *
 * @param x       float32 [batch, height, width, channels]
 * @param filter  float32 [outHeight, outWidth, kernelHeight * kernelWidth * channels, filters]
 * @param options kernelSize, strides, pads, bias, activation
 * @returns       float32 [batch, outHeight, outWidth, filters]
 * @throws GeometryError naming the sizes where they do not fit together or no output is left
 */
export const locallyConnected2d = defineOp<
  [x: Tensor4D, filter: Tensor4D, options: LocallyConnected2DOptions],
  LocallyConnected2DGeometry,
  Tensor4D
>({
  name: 'CnnLocallyConnected2D',
  prepare(x, filter, options) {
    checkFloat32('locallyConnected2d', 'x', x);
    checkFloat32('locallyConnected2d', 'filter', filter);
    const { bias, ...window } = options ?? {};
    if (bias !== undefined) checkFloat32('locallyConnected2d', 'bias', bias);
    const geometry = locallyConnected2dGeometry(x.shape, filter.shape, { ...window, biasShape: bias?.shape });
    return { inputs: { x, filter, bias }, geometry };
  },
  ...filterOp(
    (g) => [g.outHeight, g.outWidth, g.filterHeight * g.filterWidth * g.inChannels, g.outChannels],
    (g) => [g.outHeight, g.outWidth, g.outChannels],
  ),
  kernels: { reference, cpu, wasmCnn, portable },
});
