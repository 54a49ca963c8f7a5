import type { Tensor4D } from '@tensorflow/tfjs-core';
import { defineOp } from '../../define-op.js';
import { checkFloat32 } from '../input.js';
import { cpu } from './cpu.js';
import { type AvgPoolGeometry, type AvgPoolOptions, avgPoolGeometry } from './geometry.js';
import { portable } from './portable.js';
import { reference } from './reference.js';
import { wasmCnn } from './wasm.js';

/**
 * Average pooling: y = sum over the window of x / n, per channel, where n counts the window's pixels, or
 *                  with countIncludePad also the padding in it.
 * Adjoint:         dx = sum over the windows that hold the element of dy / n.
 * Source:          PyTorch's avg_pool2d, ceil mode's divisors included; tfjs's avgPool for n without padding.
 *
 * @param x       float32 [batch, height, width, channels]
 * @param options size, strides (default: size), pads (default 'valid'), ceilMode, countIncludePad (default:
 *                false for 'same' and 'valid', as in tfjs and Keras; true for explicit pads, as in PyTorch)
 * @returns       float32 [batch, outHeight, outWidth, channels]
 * @throws GeometryError naming the sizes where no output is left or a window holds nothing but padding
 */
export const avgPool = defineOp<[x: Tensor4D, options: AvgPoolOptions], AvgPoolGeometry, Tensor4D>({
  name: 'CnnAvgPool',
  prepare(x, options) {
    checkFloat32('avgPool', 'x', x);
    return { inputs: { x }, geometry: avgPoolGeometry(x.shape, options) };
  },
  forward: { inputs: ['x'], outputs: { y: (g) => [g.batch, g.outHeight, g.outWidth, g.outChannels] } },
  backward: {
    dx: { inputs: ['dy'], outputs: { dx: (g) => [g.batch, g.inHeight, g.inWidth, g.inChannels] } },
  },
  kernels: { reference, cpu, wasmCnn, portable },
});
