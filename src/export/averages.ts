import { coveredPads, type OperationOf } from './graph.js';

/**
 * What averages over a whole window, zeros included, are multiplied by where a window of ceil mode reaches past the padding, which
 * does not count; [height, width] of the output. Undefined where all are 1.
 */
export function ceilFactors(
  { window, ceil, countPads }: OperationOf<'avgPool'>,
  input: readonly number[],
  output: readonly number[],
): Float32Array | undefined {
  if (!ceil || !countPads) return undefined;
  const { size, strides, pads } = window;
  const covered = coveredPads(window, input, output);
  if (covered.bottom <= pads.bottom && covered.right <= pads.right) return undefined;
  const along = (axis: 0 | 1, before: number, after: number): number[] =>
    Array.from({ length: output[axis]! }, (_, o) => {
      return size[axis] / Math.min(size[axis], before + input[axis]! + after - o * strides[axis]);
    });
  const [rows, columns] = [along(0, pads.top, pads.bottom), along(1, pads.left, pads.right)];
  return Float32Array.from(rows.flatMap((row) => columns.map((column) => row * column)));
}
