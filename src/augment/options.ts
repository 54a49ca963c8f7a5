/** Checks of options that many transforms have; each gives the value back where it is valid. */
import { refuse } from '../checks.js';
import { GeometryError } from '../geometry.js';
import type { PictureSize } from './transform.js';

export { upToOne as probability } from '../checks.js';

/** Grey level of pixels that come from outside of the picture: of all channels, or of each. */
export type Fill = number | readonly number[];

/** Options of what happens to some pictures only. */
export interface ChanceOptions {
  /** Chance that it happens, 0..1; default 0.5. */
  p?: number;
}

/** @throws ArgumentError where it is no finite number */
export function finiteNumber(where: string, argument: string, value: unknown): number {
  return Number.isFinite(value) ? (value as number) : refuse(where, argument, 'a finite number', value);
}

/** Finite numbers, as many as `what` names. @throws ArgumentError */
export function finiteNumbers(where: string, argument: string, what: readonly string[], value: unknown): readonly number[] {
  const fits = Array.isArray(value) && value.length === what.length && value.every(Number.isFinite);
  return fits ? (value as number[]) : refuse(where, argument, `finite numbers [${what.join(', ')}]`, value);
}

/** [lowest, highest]. @throws ArgumentError where they are not in order, or the lowest is below `least` */
export function range(where: string, argument: string, value: unknown, least = -Infinity): readonly [number, number] {
  const [low, high] = finiteNumbers(where, argument, ['lowest', 'highest'], value) as readonly [number, number];
  if (low <= high && low >= least) return [low, high];
  return refuse(where, argument, `[lowest, highest] in that order${least > -Infinity ? `, from ${least} on` : ''}`, value);
}

/** @throws ArgumentError where it is no finite number and no list of them */
export function fillOption(where: string, value: unknown, argument = 'fill'): Fill {
  const fits = Number.isFinite(value) || (Array.isArray(value) && value.length > 0 && value.every(Number.isFinite));
  return fits ? (value as Fill) : refuse(where, argument, 'a grey level, or a list of one for each channel', value);
}

/** A grey level for each channel. @throws GeometryError where the list has another length */
export function fillOf(where: string, fill: Fill, { channels }: PictureSize, argument = 'fill'): readonly number[] {
  if (typeof fill === 'number') return new Array<number>(channels).fill(fill);
  if (fill.length === channels) return fill;
  throw new GeometryError(
    `${where}: ${argument} must have one grey level for each of the ${channels} channels, got ${fill.length}`,
  );
}
