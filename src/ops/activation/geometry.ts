import { ArgumentError } from '../../geometry.js';
import type { ActivationKind } from './functions.js';

/** What the kernels of the activations know. */
export interface ActivationGeometry {
  readonly shape: number[];
  /** Number of elements. */
  readonly size: number;
  readonly kind: ActivationKind;
  /** Slope below zero of leakyRelu, height of elu; no other kind reads it. */
  readonly alpha: number;
}

/** @throws ArgumentError where alpha is not a number >= 0: for a negative one y would not tell the sign of x */
export function activationGeometry(kind: ActivationKind, shape: readonly number[], alpha = 1): Readonly<ActivationGeometry> {
  if (!(alpha >= 0 && Number.isFinite(alpha))) {
    throw new ArgumentError(`${kind}: alpha must be a finite number >= 0, got ${alpha}`);
  }
  return Object.freeze({ shape: [...shape], size: shape.reduce((a, b) => a * b, 1), kind, alpha });
}
