import { applied, type Pixels } from '../pixels.js';
import type { Operation } from '../transform.js';
import { blendFactor } from './colours.js';
import { levelTable, toLevel } from './grey-levels.js';
import { TableOperation } from './level-operation.js';

export function brightnessOperation(factor: number): Operation {
  blendFactor('adjustBrightness', factor);
  return new TableOperation(levelTable((level) => toLevel(level * factor)));
}

/**
 * Every grey level times the factor, cut to 0..255 and rounded down. Source: torchvision's adjust_brightness of uint8.
 *
 * @param factor 0 makes black, 1 changes nothing
 * @throws ArgumentError for a negative factor
 */
export function adjustBrightness<X extends Pixels>(x: X, factor: number): X {
  return applied('adjustBrightness', x, () => brightnessOperation(factor));
}
