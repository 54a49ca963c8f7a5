import type { Histogram } from './event-schema.js';

/** TensorBoard draws as many. */
const BUCKETS = 30;

/**
 * Numbers in 30 buckets of equal width between the smallest and the largest one. NaN and infinities are left out.
 *
 * @returns undefined where no finite number is left
 */
export function histogramOf(values: ArrayLike<number>): Histogram | undefined {
  let min = Infinity;
  let max = -Infinity;
  let num = 0;
  let sum = 0;
  let sumSquares = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    if (value < min) min = value;
    if (value > max) max = value;
    num++;
    sum += value;
    sumSquares += value * value;
  }
  if (num === 0) return undefined;
  const width = (max - min) / BUCKETS;
  if (!(width > 0)) return { min, max, num, sum, sumSquares, bucketLimit: [max], bucket: [num] };
  const bucket = new Array<number>(BUCKETS).fill(0);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isFinite(value)) bucket[Math.min(BUCKETS - 1, Math.floor((value - min) / width))]!++;
  }
  const bucketLimit = bucket.map((_, i) => (i === BUCKETS - 1 ? max : min + (i + 1) * width));
  return { min, max, num, sum, sumSquares, bucketLimit, bucket };
}
