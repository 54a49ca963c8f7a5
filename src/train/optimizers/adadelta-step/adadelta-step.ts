import { type UpdateGeometry, updateOp } from '../update-op.js';
import { kernels } from './kernels.js';

export interface AdadeltaGeometry extends UpdateGeometry {
  /** Of new squares in their means: 1 - rho. */
  readonly share: number;
  readonly epsilon: number;
}

/**
 * Adadelta, of the gradient g with its penalties: newSquare = square + share (g^2 - square);
 * direction = g sqrt(delta + epsilon) / sqrt(newSquare + epsilon); newDelta = delta + share (direction^2 - delta);
 * newValue = value - rate direction - shrinkage value.
 * Source: PyTorch's Adadelta.
 */
export const adadeltaStep = updateOp<AdadeltaGeometry>('CnnAdadeltaStep', ['square', 'delta'], kernels);
