import * as tf from '@tensorflow/tfjs-core';
import type { PoolAxis } from '../pool/axis.js';

/**
 * For compositions of tfjs-core ops: by output, the input positions of its bin along one axis. The
 * adjoint of a pool runs over the same lists, transposed.
 */
export type Taps = readonly (readonly number[])[];

/** The lists of an axis. */
export function tapsOf({ first, count }: PoolAxis): Taps {
  return Array.from(first, (begin, o) => Array.from({ length: count[o] }, (_, k) => begin + k));
}

/** By input position, the outputs that look at it. */
export function transposedTaps(taps: Taps, size: number): Taps {
  const lists: number[][] = Array.from({ length: size }, () => []);
  for (const [o, positions] of taps.entries()) for (const i of positions) lists[i].push(o);
  return lists;
}

/** Length of the longest list. */
export function longest(taps: Taps): number {
  return Math.max(...taps.map((positions) => positions.length));
}

/** Picks everybody's k-th position along an axis of x; `absent` where a list is shorter. */
export function pick(
  x: tf.Tensor4D,
  axis: 1 | 2,
  taps: Taps,
  k: number,
  absent: (positions: readonly number[]) => number,
): tf.Tensor4D {
  const indices = taps.map((positions) => positions[k] ?? absent(positions));
  return tf.gather(x, tf.tensor1d(indices, 'int32'), axis);
}

/** Picks everybody's k-th position; where a list is shorter, its last once more. */
export function pickLast(x: tf.Tensor4D, axis: 1 | 2, taps: Taps, k: number): tf.Tensor4D {
  return pick(x, axis, taps, k, (positions) => positions[positions.length - 1]);
}

/** Along one axis, the sum of what every list picks from x. Separable pools do rows, then columns. */
export function sumOver(x: tf.Tensor4D, axis: 1 | 2, taps: Taps): tf.Tensor4D {
  const size = x.shape[axis];
  if (taps.length === 1 && taps[0].length === size) return tf.sum(x, axis, true);
  const along: [number, number, number, number] = [1, 1, 1, 1];
  along[axis] = taps.length;
  // One output seen by all: broadcast by adding zeros, which needs no indices.
  if (size === 1 && taps.every((positions) => positions.length === 1)) return tf.add(x, tf.zeros(along));
  const padding: [number, number][] = [
    [0, 0],
    [0, 0],
    [0, 0],
    [0, 0],
  ];
  padding[axis] = [0, 1];
  // One row or column of zeros past the end stands in where a list is shorter than the longest.
  const ragged = taps.some((positions) => positions.length !== longest(taps));
  const source = ragged ? (tf.pad(x, padding) as tf.Tensor4D) : x;
  let sum = pick(source, axis, taps, 0, () => size);
  for (let k = 1; k < longest(taps); k++)
    sum = tf.add(
      sum,
      pick(source, axis, taps, k, () => size),
    );
  return sum;
}
