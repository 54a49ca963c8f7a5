/**
 * Random numbers from a seed. Tests print theirs by naming it in their title; TFJS_CNN_SEED repeats one.
 */
export const seed = Number(process.env['TFJS_CNN_SEED'] ?? Date.now() % 1_000_000);

/** A generator of numbers in [0, 1). */
export { seededRandom as generator } from '../src/random.js';

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
