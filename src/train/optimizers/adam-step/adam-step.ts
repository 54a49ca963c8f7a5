import type { ReadyOp } from '../../../backends/kernel-host.js';
import { installUpdate, type UpdateGeometry, updateOp } from '../update-op.js';
import { adamKernels } from './kernels.js';

export interface AdamGeometry extends UpdateGeometry {
  /** Of the gradient in its mean: 1 - beta1. */
  readonly share: number;
  /** Of the gradient's square in its mean: 1 - beta2. */
  readonly squareShare: number;
  /** What the mean is multiplied by. */
  readonly weight: number;
  /** What the gradient itself is multiplied by. */
  readonly blend: number;
  /** What the root of the mean square is multiplied by. */
  readonly rootScale: number;
  readonly epsilon: number;
}

/**
 * Adam and its kin, of the gradient g with its penalties: newMean = mean + share (g - mean); newSquare = square + squareShare (g^2 -
 * square); newValue = value - rate (weight newMean + blend g) / (rootScale sqrt(newSquare) + epsilon) - shrinkage value.
 * Source: PyTorch's Adam, AdamW, NAdam and RAdam, whose bias corrections are in the four numbers.
 */
export const adamStep = updateOp<AdamGeometry>('CnnAdamStep', ['mean', 'square'], adamKernels(false));

/** The same with the largest newSquare so far in the root. Source: PyTorch's amsgrad. */
export const amsGradStep = updateOp<AdamGeometry>('CnnAmsGradStep', ['mean', 'square', 'largest'], adamKernels(false));

/**
 * What the step would add to a weight of 0: direction = -(rate (weight newMean + blend g) / (rootScale sqrt(newSquare) + epsilon) +
 * shrinkage value). LAMB looks at its norm before it takes it.
 */
export const adamDirection: ReadyOp<AdamGeometry> = installUpdate({
  name: 'CnnAdamDirection',
  parts: {
    forward: {
      inputs: ['value', 'mean', 'square', 'gradient', 'scale'],
      outputs: { newValue: ({ shape }) => shape, newMean: ({ shape }) => shape, newSquare: ({ shape }) => shape },
      updates: { newMean: 'mean', newSquare: 'square' },
    },
  },
  kernels: adamKernels(true),
});
