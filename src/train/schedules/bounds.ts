/** Checks of numbers that only schedules have. */
import { refuse } from '../../checks.js';

/** @throws ArgumentError where the value is no finite number of 0 or more */
export function notNegative(where: string, argument: string, value: number): number {
  return typeof value === 'number' && value >= 0 && value < Infinity
    ? value
    : refuse(where, argument, 'a finite number of 0 or more', value);
}

/** @throws ArgumentError where the value is no number in [0, 1] */
export function upToOne(where: string, argument: string, value: number): number {
  return typeof value === 'number' && value >= 0 && value <= 1 ? value : refuse(where, argument, 'a number in [0, 1]', value);
}
