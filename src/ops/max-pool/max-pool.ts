import type { Tensor4D } from '@tensorflow/tfjs-core';
import { defineOp } from '../../define-op.js';
import type { WindowGeometry } from '../../geometry.js';
import { checkFloat32 } from '../input.js';
import { type PoolOptions, poolGeometry } from '../pool/geometry.js';
import { cpu } from './cpu.js';
import { portable } from './portable.js';
import { reference } from './reference.js';
import { wasmCnn } from './wasm.js';

/**
 * Max pooling: y = the largest x of the window, per channel. Padding is never the largest; NaN always is.
 * Adjoint:     dx = sum of dy over the windows in which the element is the largest; of equals (or of several
 *              NaN) the first, row by row, takes it all.
 * Source:      PyTorch's max_pool2d, forward and backward.
 *
 * @param x       float32 [batch, height, width, channels]
 * @param options size, strides (default: size), pads (default 'valid'), dilations (default 1), ceilMode
 * @returns       float32 [batch, outHeight, outWidth, channels]
 * @throws GeometryError naming the sizes where no output is left or a window holds nothing but padding
 */
export const maxPool = defineOp<[x: Tensor4D, options: PoolOptions], WindowGeometry, Tensor4D>({
  name: 'CnnMaxPool',
  prepare(x, options) {
    checkFloat32('maxPool', 'x', x);
    return { inputs: { x }, geometry: poolGeometry('maxPool', x.shape, options) };
  },
  forward: { inputs: ['x'], outputs: { y: (g) => [g.batch, g.outHeight, g.outWidth, g.outChannels] } },
  // The place of the maximum is found again, as the first element that equals y: cheaper than keeping indices,
  // and y is usually kept anyway, as the input of what comes next.
  backward: {
    dx: { inputs: ['dy', 'x', 'y'], outputs: { dx: (g) => [g.batch, g.inHeight, g.inWidth, g.inChannels] } },
  },
  kernels: { reference, cpu, wasmCnn, portable },
});
