/** Negatives. */

import { ChanceTransform } from '../chance-transform.js';
import { type ChanceOptions, probability } from '../options.js';
import { applied, type Pixels } from '../pixels.js';
import type { Operation } from '../transform.js';
import { registerTransform } from '../transform-registry.js';
import { levelTable } from './grey-levels.js';
import { TableOperation } from './level-operation.js';

export const invertOperation: Operation = new TableOperation(levelTable((level) => 255 - level));

/** 255 - x. Source: torchvision's invert of uint8. */
export function invert<X extends Pixels>(x: X): X {
  return applied('invert', x, () => invertOperation);
}

/** The negative, or the picture. Draws one number. */
export class RandomInvert extends ChanceTransform<Required<ChanceOptions>> {
  static readonly className: string = 'RandomInvert';

  /** @throws ArgumentError where p is no chance */
  constructor(options: ChanceOptions = {}) {
    const { p = 0.5 } = options ?? {};
    super({ p: probability('RandomInvert', 'p', p) }, options);
  }

  /** @internal */
  protected operationFor(): Operation {
    return invertOperation;
  }
}
registerTransform(RandomInvert);
