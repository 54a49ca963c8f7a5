import type { Tensor4D } from '@tensorflow/tfjs-core';
import { defineOp } from '../../define-op.js';
import { checkFloat32 } from '../input.js';
import { cpu } from './cpu.js';
import { type UpsampleGeometry, type UpsampleOptions, upsampleGeometry } from './geometry.js';
import { portable } from './portable.js';
import { reference } from './reference.js';
import { wasmCnn } from './wasm.js';

/**
 * Upsampling (or, with a scale below 1, downsampling without smoothing). Output o of an axis of n pixels made m,
 *              s = m / n or the scale given, is
 *              nearest:                 x[floor(o / s)],
 *              bilinear:                x at (o + 1/2) / s - 1/2, not below 0,
 *              bilinear, alignCorners:  x at o (n - 1) / (m - 1),
 *              where x between two pixels lies on the line through them, and beyond the last is the last.
 * Adjoint:     dx = sum of dy over the outputs the element goes into, each times its weight there.
 * Source:      PyTorch's interpolate (nn.Upsample). Keras's and TensorFlow's resize is the same without alignCorners.
 *
 * @param x       float32 [batch, height, width, channels]
 * @param options size or scale, mode (default 'nearest'), alignCorners (default false)
 * @returns       float32 [batch, outHeight, outWidth, channels]
 * @throws GeometryError where x has no pixels, or the options give no size or an unknown mode
 */
export const upsample2d = defineOp<[x: Tensor4D, options: UpsampleOptions], UpsampleGeometry, Tensor4D>({
  name: 'CnnUpsample2D',
  prepare(x, options) {
    checkFloat32('upsample2d', 'x', x);
    return { inputs: { x }, geometry: upsampleGeometry('upsample2d', x.shape, options) };
  },
  forward: { inputs: ['x'], outputs: { y: (g) => [g.batch, g.outHeight, g.outWidth, g.channels] } },
  backward: {
    dx: { inputs: ['dy'], outputs: { dx: (g) => [g.batch, g.inHeight, g.inWidth, g.channels] } },
  },
  kernels: { reference, cpu, wasmCnn, portable },
});
