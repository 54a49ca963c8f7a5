import type { Tensor4D } from '@tensorflow/tfjs-core';
import { defineOp } from '../../define-op.js';
import type { WindowGeometry } from '../../geometry.js';
import { checkFloat32 } from '../input.js';
import { checkPlaces } from '../max-unpool/geometry.js';
import { type PoolOptions, poolGeometry } from '../pool/geometry.js';
import { switchKernels } from './switch-kernels.js';

/** What maxPoolWithSwitches gives. */
export interface MaxPoolWithSwitchesResult {
  /** float32 [batch, outHeight, outWidth, channels]: the maxima. */
  y: Tensor4D;
  /** float32 of the same shape: row * width + column of each maximum in its picture, as maxUnpool2d takes them. */
  switches: Tensor4D;
}

/**
 * Max pooling that also tells where each maximum was: y = the largest x of the window, per channel, as maxPool has
 *              it; switches = row * width + column of it in the picture, of equals the first, row by row.
 * Adjoint:     dx = sum of dy over the windows whose switch is the element. The switches are constant around x
 *              and have no gradient.
 * Source:      PyTorch's max_pool2d with return_indices.
 *
 * @param x       float32 [batch, height, width, channels]
 * @param options size, strides (default: size), pads (default 'valid'), dilations (default 1), ceilMode
 * @returns       {y, switches}, both float32 [batch, outHeight, outWidth, channels]
 * @throws GeometryError naming the sizes where no output is left, a window holds nothing but padding, or a picture
 *                has more than 2^24 pixels, which float32 cannot number
 */
export const maxPoolWithSwitches = defineOp<[x: Tensor4D, options: PoolOptions], WindowGeometry, MaxPoolWithSwitchesResult>({
  name: 'CnnMaxPoolWithSwitches',
  prepare(x, options) {
    checkFloat32('maxPoolWithSwitches', 'x', x);
    const geometry = poolGeometry('maxPoolWithSwitches', x.shape, options);
    checkPlaces('maxPoolWithSwitches', geometry.inHeight, geometry.inWidth);
    return { inputs: { x }, geometry };
  },
  forward: {
    inputs: ['x'],
    outputs: {
      y: (g) => [g.batch, g.outHeight, g.outWidth, g.outChannels],
      switches: (g) => [g.batch, g.outHeight, g.outWidth, g.outChannels],
    },
  },
  backward: {
    dx: { inputs: ['dy', 'switches'], outputs: { dx: (g) => [g.batch, g.inHeight, g.inWidth, g.inChannels] } },
  },
  kernels: switchKernels,
  result: ([y, switches]) => ({ y, switches }) as MaxPoolWithSwitchesResult,
});
