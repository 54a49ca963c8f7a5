import type { Tensor4D } from '@tensorflow/tfjs-core';
import { defineOp } from '../../define-op.js';
import type { WindowGeometry } from '../../geometry.js';
import { checkFloat32 } from '../input.js';
import { type DensePoolOptions, poolGeometry, refuseDilation } from '../pool/geometry.js';
import { cpu } from './cpu.js';
import { portable } from './portable.js';
import { reference } from './reference.js';
import { wasmCnn } from './wasm.js';

/**
 * L2 pooling: y = sqrt(sum over the window of x^2), per channel; padding adds nothing.
 * Adjoint:    dx = x * sum over the windows that hold the element of dy / y, and 0 where y = 0.
 * Source:     PyTorch's lp_pool2d with norm 2. In ceil mode a window that is cut off is the root of the
 *             sum of what it holds; PyTorch scales it up as if it were whole.
 *
 * @param x       float32 [batch, height, width, channels]
 * @param options size, strides (default: size), pads (default 'valid'), ceilMode
 * @returns       float32 [batch, outHeight, outWidth, channels]
 * @throws GeometryError naming the sizes where no output is left or a window holds nothing but padding
 */
export const l2Pool = defineOp<[x: Tensor4D, options: DensePoolOptions], WindowGeometry, Tensor4D>({
  name: 'CnnL2Pool',
  prepare(x, options) {
    checkFloat32('l2Pool', 'x', x);
    const geometry = poolGeometry('l2Pool', x.shape, options);
    refuseDilation('l2Pool', geometry);
    return { inputs: { x }, geometry };
  },
  forward: { inputs: ['x'], outputs: { y: (g) => [g.batch, g.outHeight, g.outWidth, g.outChannels] } },
  backward: {
    dx: { inputs: ['dy', 'x', 'y'], outputs: { dx: (g) => [g.batch, g.inHeight, g.inWidth, g.inChannels] } },
  },
  kernels: { reference, cpu, wasmCnn, portable },
});
