import type { Tensor4D } from '@tensorflow/tfjs-core';
import { defineOp } from '../../define-op.js';
import { checkFloat32 } from '../input.js';
import { cpu } from './cpu.js';
import { type MaxUnpoolGeometry, type MaxUnpoolOptions, maxUnpoolGeometry } from './geometry.js';
import { portable } from './portable.js';
import { reference } from './reference.js';
import { wasmCnn } from './wasm.js';

/**
 * Max unpooling: every value of x goes to the place its switch names, row * outWidth + column of the same picture
 *              and channel; all other places are 0. Values that are sent to one place, as by windows that
 *              overlap, add up there. A switch that is no place of the result (negative, too large, a fraction,
 *              NaN) sends its value nowhere.
 * Adjoint:     dx = dy at the place named, 0 where none is. y is constant around every switch: dswitches = 0.
 * Source:      PyTorch's max_unpool2d, which leaves open what values at one place give, and whose gradient is
 *              that of their sum; Zeiler and Fergus, Visualizing and understanding convolutional networks (2014).
 *
 * @param x        float32 [batch, height, width, channels]
 * @param switches float32 of the same shape, from maxPoolWithSwitches
 * @param options  outputSize, or size, strides and pads of the pool
 * @returns        float32 [batch, outHeight, outWidth, channels]
 * @throws GeometryError where the shapes differ or the options give no size
 */
export const maxUnpool2d = defineOp<[x: Tensor4D, switches: Tensor4D, options: MaxUnpoolOptions], MaxUnpoolGeometry, Tensor4D>({
  name: 'CnnMaxUnpool2D',
  prepare(x, switches, options) {
    checkFloat32('maxUnpool2d', 'x', x);
    checkFloat32('maxUnpool2d', 'switches', switches);
    return { inputs: { x, switches }, geometry: maxUnpoolGeometry(x.shape, switches.shape, options) };
  },
  forward: { inputs: ['x', 'switches'], outputs: { y: (g) => [g.batch, g.outHeight, g.outWidth, g.channels] } },
  backward: {
    dx: { inputs: ['dy', 'switches'], outputs: { dx: (g) => [g.batch, g.inHeight, g.inWidth, g.channels] } },
  },
  choices: ['switches'],
  kernels: { reference, cpu, wasmCnn, portable },
});
