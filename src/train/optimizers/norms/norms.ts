import type { ReadyOp } from '../../../backends/kernel-host.js';
import { installUpdate } from '../update-op.js';
import { clipFactorKernels, squareSumKernels, trustRatioKernels } from './kernels.js';

export interface SquareSumGeometry {
  readonly size: number;
}

/** sum = before + sum of x^2: the squared norm of many gradients, one after the other. A scalar that stays in memory. */
export const squareSum: ReadyOp<SquareSumGeometry> = installUpdate({
  name: 'CnnSquareSum',
  parts: { forward: { inputs: ['x', 'before'], outputs: { sum: () => [] } } },
  kernels: squareSumKernels,
});

export interface ClipFactorGeometry {
  /** The largest norm. */
  readonly most: number;
}

/**
 * newNorm = sqrt(sum); factor = min(1, most / (newNorm + 1e-6)), what gradients are multiplied by.
 * Source: PyTorch's clip_grad_norm_.
 */
export const clipFactor: ReadyOp<ClipFactorGeometry> = installUpdate({
  name: 'CnnClipFactor',
  parts: {
    forward: { inputs: ['sum', 'norm'], outputs: { newNorm: () => [], factor: () => [] }, updates: { newNorm: 'norm' } },
  },
  kernels: clipFactorKernels,
});

export interface TrustRatioGeometry {
  readonly size: number;
  /** Of the gradient's elements, after `scale`. */
  readonly clip: number;
  readonly coefficient: number;
  readonly weightDecay: number;
  readonly epsilon: number;
}

/**
 * ratio = coefficient |value| / (|gradient| + weightDecay |value| + epsilon) of the Euclidean norms, the gradient's scaled and clipped
 * as the update has it; 1 where one of them is 0.
 * Source: You, Gitman, Ginsburg: Large batch training of convolutional networks (2017), equation 6; of LAMB without the last two.
 */
export const trustRatio: ReadyOp<TrustRatioGeometry> = installUpdate({
  name: 'CnnTrustRatio',
  parts: { forward: { inputs: ['value', 'gradient', 'scale'], outputs: { ratio: () => [] } } },
  kernels: trustRatioKernels,
});
