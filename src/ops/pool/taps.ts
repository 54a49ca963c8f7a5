import * as tf from '@tensorflow/tfjs-core';
import type { PoolAxis } from './axis.js';

/**
 * For compositions of tfjs-core ops: by output, the input positions of its window along one axis. The
 * adjoint of a pool runs over the same lists, transposed.
 */
export type Taps = readonly (readonly number[])[];

/** The lists of an axis. */
export function tapsOf({ first, count, step }: PoolAxis): Taps {
  return Array.from(first, (begin, o) => Array.from({ length: count[o] }, (_, k) => begin + k * step));
}

/** By input position, the outputs that look at it. */
export function transposedTaps(taps: Taps, size: number): Taps {
  const lists: number[][] = Array.from({ length: size }, () => []);
  taps.forEach((positions, o) => positions.forEach((i) => lists[i].push(o)));
  return lists;
}

/** Length of the longest list. */
export function longest(taps: Taps): number {
  return Math.max(...taps.map((positions) => positions.length));
}

/** Picks everybody's k-th position along an axis of x; `absent` where a list is shorter. */
export function pick(x: tf.Tensor4D, axis: 1 | 2, taps: Taps, k: number, absent: (positions: readonly number[]) => number): tf.Tensor4D {
  const indices = tf.tensor1d(taps.map((positions) => positions[k] ?? absent(positions)), 'int32');
  return tf.gather(x, indices, axis);
}
