import { type UpdateGeometry, type UpdateOp, updateOp } from '../update-op.js';
import { kernels } from './kernels.js';

export interface RmsPropGeometry extends UpdateGeometry {
  /** Of the gradient's square in its mean: 1 - alpha. */
  readonly share: number;
  readonly momentum: number;
  readonly epsilon: number;
}

/**
 * RMSprop, of the gradient g with its penalties: newSquare = square + share (g^2 - square); centered, newMean = mean + share (g - mean)
 * and newMean^2 is taken from newSquare (never below 0, where rounding would bring it); direction = g / (sqrt(newSquare) + epsilon);
 * with momentum direction = newVelocity = momentum velocity + direction; newValue = value - rate direction - shrinkage value.
 * Source: PyTorch's RMSprop.
 */
const rmsPropStep = updateOp<RmsPropGeometry>('CnnRmsPropStep', ['square'], kernels);
const momentumStep = updateOp<RmsPropGeometry>('CnnRmsPropMomentumStep', ['square', 'velocity'], kernels);
const centeredStep = updateOp<RmsPropGeometry>('CnnRmsPropCenteredStep', ['square', 'mean'], kernels);
const centeredMomentumStep = updateOp<RmsPropGeometry>('CnnRmsPropCenteredMomentumStep', ['square', 'mean', 'velocity'], kernels);

/** The op that keeps what is needed, and no more. */
export function rmsPropOp(centered: boolean, withMomentum: boolean): UpdateOp<RmsPropGeometry> {
  if (centered) return withMomentum ? centeredMomentumStep : centeredStep;
  return withMomentum ? momentumStep : rmsPropStep;
}
