import type { ReadyOp } from '../src/backends/kernel-host.js';
import type { FusedActivation } from '../src/ops/activation/fused.js';
import { onReference, ROUNDING, type Sides } from './kernel-sides.js';
import { values } from './random.js';

/** Shapes of a call, and how many products a sum of each part has at most. */
export interface FilterOpCase {
  shapes: Record<'x' | 'filter' | 'bias' | 'dy', number[]>;
  terms: Record<'forward' | 'dx' | 'dfilter' | 'dbias', number>;
  withBias: boolean;
}

const count = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/**
 * Every part of an op of x, filter and bias on every side against float64. In any order a sum of n products errs by at
 * most n roundings of the sum of their sizes; an activation, whose slope is 1 at most, does not widen that, and is good
 * to 8 roundings itself.
 */
export async function compareFilterOp<G extends { activation: FusedActivation }>(
  sides: Pick<Sides, 'compare'>,
  op: ReadyOp<G>,
  g: G,
  { shapes, terms, withBias }: FilterOpCase,
  random: () => number,
): Promise<void> {
  const data = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, values(random, count(shape))]));
  for (const [part, products] of Object.entries(terms)) {
    const names = op.parts[part]!.inputs.filter((name) => name !== 'bias' || withBias);
    const inputs = Object.fromEntries(names.map((name) => [name, data[name]!]));
    const magnitudes = Object.fromEntries(names.map((name) => [name, data[name]!.map(Math.abs)]));
    const sizes = Object.values(onReference(op, part, magnitudes, { ...g, activation: 'linear' }))[0]!;
    const smooth = part === 'forward' && g.activation !== 'linear' ? 8 * ROUNDING : 0;
    await sides.compare(op, part, inputs, shapes, g, (i) => (products + 2) * ROUNDING * sizes[i]! + smooth);
  }
}
