/** Fewer grey levels. */
import { refuse } from '../../checks.js';
import { ChanceTransform } from '../chance-transform.js';
import { type ChanceOptions, probability } from '../options.js';
import { applied, type Pixels } from '../pixels.js';
import type { Operation } from '../transform.js';
import { registerTransform } from '../transform-registry.js';
import { levelTable } from './grey-levels.js';
import { TableOperation } from './level-operation.js';

/** Options of RandomPosterize. */
export interface RandomPosterizeOptions extends ChanceOptions {
  /** Bits of a grey level that are kept, 0..8. */
  bits: number;
}

function checkedBits(where: string, bits: number): number {
  return Number.isInteger(bits) && bits >= 0 && bits <= 8 ? bits : refuse(where, 'bits', 'an integer from 0 to 8', bits);
}

export function posterizeOperation(bits: number): Operation {
  const dropped = 8 - checkedBits('posterize', bits);
  return new TableOperation(levelTable((level) => (level >> dropped) << dropped));
}

/**
 * Keeps the highest bits of every grey level. Source: torchvision's posterize of uint8.
 *
 * @param bits how many are kept, 0..8
 * @throws ArgumentError for another number of bits
 */
export function posterize<X extends Pixels>(x: X, bits: number): X {
  return applied('posterize', x, () => posterizeOperation(bits));
}

/** posterize, or not. Draws one number. */
export class RandomPosterize extends ChanceTransform<Required<RandomPosterizeOptions>> {
  static readonly className: string = 'RandomPosterize';

  /** @throws ArgumentError naming the option that is wrong */
  constructor(options: RandomPosterizeOptions) {
    const { bits, p = 0.5 } = options ?? {};
    super({ bits: checkedBits('RandomPosterize', bits), p: probability('RandomPosterize', 'p', p) }, options);
  }

  /** @internal */
  protected operationFor(): Operation {
    return posterizeOperation(this.options.bits);
  }
}
registerTransform(RandomPosterize);
