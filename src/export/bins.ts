/** Adaptive pools: which pixels each bin covers. */

/** [begin, end) of each bin along one axis. Source: PyTorch's adaptive pools. */
export function binsOf(length: number, count: number): [begin: number, end: number][] {
  return Array.from({ length: count }, (_, i) => [Math.floor((i * length) / count), Math.ceil(((i + 1) * length) / count)]);
}

/** Size of windows without overlap that are the bins, where they are alike. */
export function evenBins(input: readonly number[], output: readonly number[]): [number, number] | undefined {
  const sizes = [input[0]! / output[0]!, input[1]! / output[1]!] as [number, number];
  return sizes.every(Number.isInteger) ? sizes : undefined;
}

/** Means over bins as a matrix, [count, length]. */
export function binMatrix(length: number, count: number): Float32Array {
  const matrix = new Float32Array(count * length);
  binsOf(length, count).forEach(([begin, end], i) => matrix.fill(1 / (end - begin), i * length + begin, i * length + end));
  return matrix;
}
