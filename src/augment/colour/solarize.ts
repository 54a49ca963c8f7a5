/** Negatives of what is bright. */

import { ChanceTransform } from '../chance-transform.js';
import { type ChanceOptions, finiteNumber, probability } from '../options.js';
import { applied, type Pixels } from '../pixels.js';
import type { Operation } from '../transform.js';
import { registerTransform } from '../transform-registry.js';
import { levelTable } from './grey-levels.js';
import { TableOperation } from './level-operation.js';

/** Options of RandomSolarize. */
export interface RandomSolarizeOptions extends ChanceOptions {
  /** Grey levels from here on are inverted. */
  threshold: number;
}

export function solarizeOperation(threshold: number): Operation {
  finiteNumber('solarize', 'threshold', threshold);
  return new TableOperation(levelTable((level) => (level >= threshold ? 255 - level : level)));
}

/**
 * The negative of what is at or above a threshold. Source: torchvision's solarize of uint8.
 *
 * @param threshold grey level
 * @throws ArgumentError where it is no finite number
 */
export function solarize<X extends Pixels>(x: X, threshold: number): X {
  return applied('solarize', x, () => solarizeOperation(threshold));
}

/** solarize, or not. Draws one number. */
export class RandomSolarize extends ChanceTransform<Required<RandomSolarizeOptions>> {
  static readonly className: string = 'RandomSolarize';

  /** @throws ArgumentError naming the option that is wrong */
  constructor(options: RandomSolarizeOptions) {
    const { threshold, p = 0.5 } = options ?? {};
    super(
      {
        threshold: finiteNumber('RandomSolarize', 'threshold', threshold),
        p: probability('RandomSolarize', 'p', p),
      },
      options,
    );
  }

  /** @internal */
  protected operationFor(): Operation {
    return solarizeOperation(this.options.threshold);
  }
}
registerTransform(RandomSolarize);
