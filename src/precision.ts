/**
 * In which format products of matrices see their factors: convolutions and dense layers, forward and back. Everything else is float32
 * always: sums, weights, whatever lies in a tensor.
 */
export type Precision = 'float32' | 'float16';

let current: Precision = 'float32';

/** What kernels of products go by. */
export function productPrecision(): Precision {
  return current;
}

/** Runs `work` with products of that precision. */
export function withPrecision<T>(precision: Precision, work: () => T): T {
  const before = current;
  current = precision;
  try {
    return work();
  } finally {
    current = before;
  }
}
