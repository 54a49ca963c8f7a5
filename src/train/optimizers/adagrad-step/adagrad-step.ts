import { type UpdateGeometry, updateOp } from '../update-op.js';
import { kernels } from './kernels.js';

export interface AdagradGeometry extends UpdateGeometry {
  readonly epsilon: number;
}

/**
 * Adagrad, of the gradient g with its penalties: newSum = sum + g^2; newValue = value - rate g / (sqrt(newSum) + epsilon) -
 * shrinkage value.
 * Source: PyTorch's Adagrad.
 */
export const adagradStep = updateOp<AdagradGeometry>('CnnAdagradStep', ['sum'], kernels);
