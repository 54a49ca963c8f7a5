import { type Resampling, resamplings, transposedResampling, type UpsampleGeometry } from './geometry.js';

/** A resampling of pictures [batch, rows, columns, channels], as GPUs read it. */
export interface ResamplingTable {
  readonly from: readonly [rows: number, columns: number];
  readonly to: readonly [rows: number, columns: number];
  /**
   * In pairs of numbers, an entry for each row of the result, then for each column: first and count of what it is made of, then the weights.
   */
  readonly values: Float32Array;
  /** Pairs of a row's entry and of a column's. */
  readonly rowPairs: number;
  readonly columnPairs: number;
}

/** Pairs of an axis's entries, and their numbers. */
function entries({ first, count, offset, weights }: Resampling): { pairs: number; values: number[] } {
  const pairs = 1 + Math.ceil(Math.max(...count) / 2);
  const values = Array.from(first, (position, o) => {
    const own = Array.from(weights.subarray(offset[o]!, offset[o]! + count[o]!));
    return [position, count[o]!, ...own, ...Array<number>(2 * pairs - 2 - own.length).fill(0)];
  });
  return { pairs, values: values.flat() };
}

export function resamplingTable(g: UpsampleGeometry, part: 'forward' | 'dx'): ResamplingTable {
  const [x, y] = [[g.inHeight, g.inWidth] as const, [g.outHeight, g.outWidth] as const];
  const axes = resamplings(g).map((axis, i) => entries(part === 'forward' ? axis : transposedResampling(axis, x[i]!)));
  const [rows, columns] = axes as [(typeof axes)[0], (typeof axes)[0]];
  return {
    ...(part === 'forward' ? { from: x, to: y } : { from: y, to: x }),
    values: Float32Array.from([...rows.values, ...columns.values]),
    rowPairs: rows.pairs,
    columnPairs: columns.pairs,
  };
}
