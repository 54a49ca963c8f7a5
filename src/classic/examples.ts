import { Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import { ArgumentError, GeometryError } from '../geometry.js';

/** Class indices, one of each example: an array, a typed one say `ImageDataset.labels`. */
export type Labels = ArrayLike<number>;

/** Examples in memory, row by row. */
export interface Rows {
  readonly values: Float32Array;
  readonly count: number;
  readonly features: number;
}

/**
 * The examples of a tensor [count, features], read out.
 *
 * @param features how many they must have; default: whatever they have
 * @throws GeometryError for a tensor of another shape
 */
export async function rowsOf(where: string, x: Tensor2D, features?: number): Promise<Rows> {
  if (!(x instanceof Tensor) || x.rank !== 2 || x.size === 0 || (features !== undefined && x.shape[1] !== features)) {
    throw new GeometryError(
      `${where}: x must be a tensor [examples, ${features ?? 'features'}], neither 0, got ` +
        (x instanceof Tensor ? `shape [${x.shape}]` : typeof x),
    );
  }
  const [count, found] = x.shape;
  return { values: (await x.data()) as Float32Array, count, features: found };
}

/** The rows [begin, end), sharing memory with the whole. */
export function sliceRows({ values, features }: Rows, begin: number, end: number): Float32Array {
  return values.subarray(begin * features, end * features);
}

/** Mean over the examples of their sums of squares. */
export function meanSquaredNorm({ values, count }: Rows): number {
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += values[i]! * values[i]!;
  return squares / count;
}

/**
 * The labels as class indices.
 *
 * @param classes how many classes there are; default: one more than the largest index
 * @throws ArgumentError where there is not one of each example, or one is no index of a class
 */
export function classIndices(
  where: string,
  labels: Labels,
  count: number,
  classes = Infinity,
): { labels: Int32Array; classes: number } {
  if (labels.length !== count) {
    throw new ArgumentError(`${where}: labels must be ${count} class indices, one of each example, got ${labels.length}`);
  }
  let largest = 0;
  for (let i = 0; i < count; i++) {
    const label = labels[i]!;
    if (!Number.isInteger(label) || label < 0 || label >= classes) {
      const range = classes === Infinity ? '0, 1, 2, ...' : `0 .. ${classes - 1}`;
      throw new ArgumentError(`${where}: labels must be integers ${range}, got ${label} at ${i}`);
    }
    largest = Math.max(largest, label);
  }
  return { labels: Int32Array.from(labels), classes: classes === Infinity ? largest + 1 : classes };
}
