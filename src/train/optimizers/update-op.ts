import type { Tensor } from '@tensorflow/tfjs-core';
import type { PartDeclaration, ReadyOp } from '../../backends/kernel-host.js';
import type { KernelSet } from '../../kernels.js';
import { installOp, runPart } from '../../op-kernels.js';

/** Elements that one piece of an update's parallel work takes. */
export const GRAIN = 1 << 15;

/** What all updates of a weight have in common. */
export interface UpdateGeometry {
  readonly shape: number[];
  readonly size: number;
  /** Largest magnitude of an element of the gradient; Infinity where it is not clipped. */
  readonly clip: number;
  /** l1 sign(value) is added to the clipped gradient. */
  readonly l1: number;
  /** l2 value is added to the clipped gradient. */
  readonly l2: number;
  /** Share of the value that it loses: decoupled weight decay. */
  readonly shrinkage: number;
  /** What the direction of the update is multiplied by. */
  readonly rate: number;
}

/** A kernel that changes a weight and its slots. */
export interface UpdateOp<Geometry extends UpdateGeometry> extends ReadyOp<Geometry> {
  /** Names of the slots, in the order of inputs and outputs. */
  readonly slots: readonly string[];
}

/** The name of an input's new value: newVelocity. */
const renewed = (name: string): string => `new${name[0]!.toUpperCase()}${name.slice(1)}`;

/**
 * Makes the op of an update: reads value, gradient, the slots and maybe `scale`, a scalar that the gradient is multiplied by,
 * and further `scalars`; writes value and slots anew, over the old ones where nobody else has them.
 */
export function updateOp<Geometry extends UpdateGeometry>(
  name: `Cnn${string}`,
  slots: readonly string[],
  kernels: KernelSet<Geometry>,
  scalars: readonly string[] = [],
): UpdateOp<Geometry> {
  const changed = ['value', ...slots];
  const forward: PartDeclaration<Geometry> = {
    inputs: [...changed, 'gradient', 'scale', ...scalars],
    outputs: Object.fromEntries(changed.map((input) => [renewed(input), ({ shape }: Geometry) => shape])),
    updates: Object.fromEntries(changed.map((input) => [renewed(input), input])),
  };
  const op: UpdateOp<Geometry> = { name, slots, parts: { forward }, kernels };
  installUpdate(op);
  return op;
}

/** Registers an op of one part; it has no gradient. */
export function installUpdate<Geometry extends object>(op: ReadyOp<Geometry>): ReadyOp<Geometry> {
  installOp(op);
  return op;
}

/** Runs the op; inputs that are absent may be undefined. */
export function runUpdate<Geometry extends object>(
  op: ReadyOp<Geometry>,
  inputs: Readonly<Record<string, Tensor | undefined>>,
  geometry: Geometry,
): Tensor[] {
  const given = Object.entries(inputs).filter((entry): entry is [string, Tensor] => entry[1] !== undefined);
  return runPart(op, 'forward', Object.fromEntries(given), geometry);
}
