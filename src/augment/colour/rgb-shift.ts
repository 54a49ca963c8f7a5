import { drawBetween } from '../draws.js';
import { finiteNumber, finiteNumbers, range } from '../options.js';
import { PictureTransform } from '../picture-transform.js';
import { applied, type Pixels } from '../pixels.js';
import type { Operation, PictureSize, Random } from '../transform.js';
import { registerTransform } from '../transform-registry.js';
import { colourShift } from './channel-shift.js';

/** Grey levels that are added: up to so many, up or down, or [lowest, highest]. */
export type ShiftLimit = number | readonly [number, number];

/** Options of RgbShift. */
export interface RgbShiftOptions {
  /** Default 20. */
  red?: ShiftLimit;
  /** Default 20. */
  green?: ShiftLimit;
  /** Default 20. */
  blue?: ShiftLimit;
}

function limits(argument: string, limit: ShiftLimit): readonly [number, number] {
  if (typeof limit !== 'number') return range('RgbShift', argument, limit);
  const size = Math.abs(finiteNumber('RgbShift', argument, limit));
  return [-size, size];
}

/**
 * A number of grey levels added to red, green and blue each, to the nearest whole one, cut to 0..255.
 *
 * @param levels [red, green, blue]
 * @throws ArgumentError where they are no three finite numbers, GeometryError for pictures of other channels
 */
export function shiftRgb<X extends Pixels>(x: X, levels: readonly [number, number, number]): X {
  const three = finiteNumbers('shiftRgb', 'levels', ['red', 'green', 'blue'], levels);
  return applied('shiftRgb', x, (size) => colourShift('shiftRgb', three, size));
}

/**
 * A whole number of grey levels added to red, another to green, another to blue, cut to 0..255. Draws three numbers.
 * Source: Albumentations' RGBShift.
 */
export class RgbShift extends PictureTransform<Record<'red' | 'green' | 'blue', readonly [number, number]>> {
  static readonly className: string = 'RgbShift';

  /** @throws ArgumentError naming the option that is wrong */
  constructor(options: RgbShiftOptions = {}) {
    const { red = 20, green = 20, blue = 20 } = options ?? {};
    super({ red: limits('red', red), green: limits('green', green), blue: limits('blue', blue) }, options);
  }

  draw(random: Random, size: PictureSize): Operation {
    const { red, green, blue } = this.options;
    const levels = [red, green, blue].map((limit) => drawBetween(random, limit));
    return colourShift('RgbShift', levels, size);
  }
}
registerTransform(RgbShift);
