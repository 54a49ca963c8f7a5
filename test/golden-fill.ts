/** Deterministic pseudo-random fills: the numbers that the golden files' inputs are made of. */

/** 32-bit FNV-1a hash of a name's UTF-8 bytes. */
export function fnv1a(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

/** n float64 values in [-1, 1): value i is lowbias32(fnv1a(name) + i * 0x9e3779b9) / 2^31 - 1. */
export function uniform(name: string, n: number): Float64Array {
  return filledUniformly(new Float64Array(n), name, 1, 0);
}

/** Fills `to` with scale * uniform(name) + offset. */
export function filledUniformly<T extends Float32Array | Float64Array>(to: T, name: string, scale: number, offset: number): T {
  // Looked up once: jest's sandbox makes every look at a global slow, and nets have a hundred million weights.
  const { imul } = Math;
  const base = fnv1a(name);
  for (let i = 0; i < to.length; i++) {
    let x = (imul(i, 0x9e3779b9) + base) >>> 0;
    x ^= x >>> 16;
    x = imul(x, 0x7feb352d);
    x ^= x >>> 15;
    x = imul(x, 0x846ca68b);
    x ^= x >>> 16;
    to[i] = offset + scale * ((x >>> 0) / 2147483648 - 1);
  }
  return to;
}
