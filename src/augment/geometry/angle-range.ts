/** Angles to draw from. */
import { refuse } from '../../checks.js';
import { range } from '../options.js';
import type { Random } from '../transform.js';

/** -a .. a of a number, or [lowest, highest] degrees. @throws ArgumentError */
export function angleRange(where: string, argument: string, value: unknown): readonly [number, number] {
  if (Array.isArray(value)) return range(where, argument, value);
  if (typeof value === 'number' && value >= 0 && value < Infinity) return [-value, value];
  return refuse(where, argument, 'a number from 0 on, or [lowest, highest], in degrees', value);
}

/** Uniform in [lowest, highest). */
export function uniformIn(random: Random, [low, high]: readonly [number, number]): number {
  return low + (high - low) * random();
}
