import { type FusedActivation, fusedActivation } from '../ops/activation/fused.js';
import type { Call } from './standard-kernel.js';

/** The activation tfjs fuses into a kernel, under our name; undefined where a kernel of ours does not know it. */
export function fusedActivationOf({ inputs, attrs }: Call): FusedActivation | undefined {
  const name = (attrs['activation'] as string | undefined) ?? 'linear';
  return inputs['preluActivationWeights'] === undefined && Object.hasOwn(fusedActivation, name)
    ? (name as FusedActivation)
    : undefined;
}
