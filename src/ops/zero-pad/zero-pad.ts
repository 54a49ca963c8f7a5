import type { Tensor4D } from '@tensorflow/tfjs-core';
import { defineOp } from '../../define-op.js';
import { GeometryError, type Padding, type WindowGeometry, windowGeometry } from '../../geometry.js';
import { checkFloat32 } from '../input.js';
import { cpu } from './cpu.js';
import { portable } from './portable.js';
import { reference } from './reference.js';
import { wasmCnn } from './wasm.js';

/**
 * Zero padding: y = x in the middle of zeros.
 * Adjoint:      dx = the middle of dy.
 * Source:       Keras's ZeroPadding2D, PyTorch's ZeroPad2d.
 *
 * @param x    float32 [batch, height, width, channels]
 * @param pads pixels on every side: a number, [height, width] or {top, bottom, left, right}
 * @returns    float32 [batch, height + top + bottom, width + left + right, channels]
 * @throws GeometryError where pads are negative or no integers, or x has another rank
 */
export const zeroPad2d = defineOp<[x: Tensor4D, pads: Exclude<Padding, string>], WindowGeometry, Tensor4D>({
  name: 'CnnZeroPad2D',
  prepare(x, pads) {
    checkFloat32('zeroPad2d', 'x', x);
    if (pads === undefined || typeof pads === 'string') {
      throw new GeometryError(
        'zeroPad2d: pads must be a non-negative integer, [height, width] or {top, bottom, left, right}, ' +
          `got ${JSON.stringify(pads)}`,
      );
    }
    // A window of one pixel that moves over the padded picture sees all of it.
    return { inputs: { x }, geometry: windowGeometry('zeroPad2d', x.shape, [1, 1], x.shape[3], { pads }) };
  },
  forward: { inputs: ['x'], outputs: { y: (g) => [g.batch, g.outHeight, g.outWidth, g.outChannels] } },
  backward: {
    dx: { inputs: ['dy'], outputs: { dx: (g) => [g.batch, g.inHeight, g.inWidth, g.inChannels] } },
  },
  kernels: { reference, cpu, wasmCnn, portable },
});
