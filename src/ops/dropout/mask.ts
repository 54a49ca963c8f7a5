/** What the kernels of dropout know: the seed and what follows from the rate. */
export interface DropoutGeometry {
  readonly shape: number[];
  /** Number of elements, fewer than 2^32. */
  readonly size: number;
  /** What the seed became: two 32-bit words. */
  readonly start: number;
  readonly key: number;
  /** Elements whose 32-bit hash is below are dropped. */
  readonly threshold: number;
  /** 1 / (1 - rate), a float32. */
  readonly scale: number;
}

/** Chris Wellons' lowbias32: every bit of the argument changes every bit of the result with a chance of nearly 1/2. */
function lowbias32(value: number): number {
  let x = value;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/** Two words of a seed, all 53 bits of which count. */
export function maskKeys(seed: number): Pick<DropoutGeometry, 'start' | 'key'> {
  const start = lowbias32((seed + 0x9e3779b9) | 0);
  return { start, key: lowbias32(start ^ (Math.floor(seed / 2 ** 32) | 0) ^ 0x85ebca6b) };
}

/**
 * What element i is multiplied with: 0 or `scale`. Its hash is lowbias32's, with the second word of the
 * seed in the middle: without it the sequence of one seed would be another's, shifted.
 */
export function maskAt(i: number, { start, key, threshold, scale }: DropoutGeometry): number {
  let x = (Math.imul(i, 0x9e3779b9) + start) | 0;
  x = (Math.imul(x ^ (x >>> 16), 0x7feb352d) + key) | 0;
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0 < threshold ? 0 : scale;
}
