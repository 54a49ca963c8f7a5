import { type UpdateGeometry, updateOp } from '../update-op.js';
import { kernels } from './kernels.js';

export interface SgdGeometry extends UpdateGeometry {
  readonly momentum: number;
  /** Of the gradient that goes into the velocity: 1 - dampening. */
  readonly share: number;
  readonly nesterov: boolean;
}

/**
 * One step of stochastic gradient descent, of the gradient g with its penalties, times `trust` where that is given:
 * newVelocity = momentum velocity + share g; newValue = value - rate (nesterov ? g + momentum newVelocity : newVelocity) - shrinkage value.
 * Source: PyTorch's SGD; `trust` is the ratio of LARS.
 */
export const momentumStep = updateOp<SgdGeometry>('CnnSgdMomentumStep', ['velocity'], kernels, ['trust']);

/** The same without momentum: newValue = value - rate g - shrinkage value. */
export const sgdStep = updateOp<SgdGeometry>('CnnSgdStep', [], kernels, ['trust']);
