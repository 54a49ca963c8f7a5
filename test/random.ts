/**
 * Random numbers from a seed. Tests print theirs by naming it in their title; TFJS_CNN_SEED repeats one.
 */
export const seed = Number(process.env['TFJS_CNN_SEED'] ?? Date.now() % 1_000_000);

/** A generator of numbers in [0, 1): mulberry32. */
export function generator(from: number): () => number {
  let state = from >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** An integer from least to most. */
export function integer(random: () => number, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1));
}

/** One of several. */
export function choose<T>(random: () => number, from: readonly T[]): T {
  return from[integer(random, 0, from.length - 1)];
}

/** n float32 values in [-1, 1). */
export function values(random: () => number, n: number): Float32Array {
  return Float32Array.from({ length: n }, () => random() * 2 - 1);
}
