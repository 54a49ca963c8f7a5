import { refuse } from '../../checks.js';

/** @throws ArgumentError where the value is no number in [0, 1] */
export function upToOne(where: string, argument: string, value: number): number {
  return typeof value === 'number' && value >= 0 && value <= 1 ? value : refuse(where, argument, 'a number in [0, 1]', value);
}
