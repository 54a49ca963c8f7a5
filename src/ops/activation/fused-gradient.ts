import type { Tensor } from '@tensorflow/tfjs-core';
import { runPart } from '../../op-kernels.js';
import { activation } from './activation.js';
import type { FusedActivation } from './fused.js';
import { activationGeometry } from './geometry.js';

/**
 * The gradient before a fused activation: dz = dy act'(y), as an op's `unfuse` needs it. One kernel, the
 * backward part of CnnActivation; `dy` itself where the activation is linear.
 */
export function fusedActivationGrad(dy: Tensor, y: Tensor, kind: FusedActivation): Tensor {
  if (kind === 'linear') return dy;
  return runPart(activation.definition, 'dx', { dy, y }, activationGeometry(kind, y.shape))[0]!;
}
