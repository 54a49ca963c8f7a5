/** Random numbers of other kinds, out of uniform ones. */
import { RandomBits } from '../initializers/random-bits.js';
import { normal } from '../initializers/ziggurat.js';
import type { Random } from './transform.js';

/** 32 bits; takes one number. */
export function drawSeed(random: Random): number {
  return Math.floor(random() * 2 ** 32);
}

/** Normally distributed numbers of mean 0 and deviation 1; takes one number for all. */
export function drawNormals(random: Random, count: number): number[] {
  const bits = new RandomBits(drawSeed(random));
  return Array.from({ length: count }, () => normal(bits.next(), bits));
}

/** Uniform in [low, high); takes one number. */
export function drawBetween(random: Random, [low, high]: readonly [number, number]): number {
  return low + random() * (high - low);
}

/** An integer from 0 to count - 1; takes one number. */
export function drawBelow(random: Random, count: number): number {
  return Math.floor(random() * count);
}
