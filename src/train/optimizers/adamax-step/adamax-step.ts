import { type UpdateGeometry, updateOp } from '../update-op.js';
import { kernels } from './kernels.js';

export interface AdamaxGeometry extends UpdateGeometry {
  /** Of the gradient in its mean: 1 - beta1. */
  readonly share: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/**
 * Adamax, of the gradient g with its penalties: newMean = mean + share (g - mean); newLargest = max(beta2 largest, |g| + epsilon);
 * newValue = value - rate newMean / newLargest - shrinkage value.
 * Source: PyTorch's Adamax.
 */
export const adamaxStep = updateOp<AdamaxGeometry>('CnnAdamaxStep', ['mean', 'largest'], kernels);
