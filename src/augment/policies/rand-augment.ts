import { nonNegativeInteger, refuse } from '../../checks.js';
import { type WarpOptions, warpOptions } from '../geometry/warp-options.js';
import { inSequence } from '../operation.js';
import { PictureTransform } from '../picture-transform.js';
import type { Operation, PictureSize, Random } from '../transform.js';
import { registerTransform } from '../transform-registry.js';
import { randAugmentSpace } from './augmentation-space.js';
import { magnitudeBins } from './magnitude-bins.js';
import { drawName, drawStrength } from './policy-operation.js';

/** Options of RandAugment. */
export interface RandAugmentOptions extends WarpOptions {
  /** Operations one after another, from 0 on; default 2. */
  numOps?: number;
  /** How strong all of them are, 0 .. numMagnitudeBins - 1; default 9. */
  magnitude?: number;
  /** Strengths from the weakest to the strongest; default 31. */
  numMagnitudeBins?: number;
}

/**
 * Some of 14 operations (shears, moves, turns, brightness, colour, contrast, sharpness, fewer levels, ...), all of one strength.
 * Draws two numbers for each. For pictures of 1 or 3 channels.
 * Source: Cubuk et al. 2019 (RandAugment: Practical Automated Data Augmentation with a Reduced Search Space); torchvision's
 * RandAugment.
 */
export class RandAugment extends PictureTransform<Required<RandAugmentOptions>> {
  static readonly className: string = 'RandAugment';

  /**
   * @param options interpolation: default 'nearest'
   * @throws ArgumentError naming the option that is wrong
   */
  constructor(options: RandAugmentOptions = {}) {
    const { numOps = 2, magnitude = 9 } = options ?? {};
    const numMagnitudeBins = magnitudeBins('RandAugment', options);
    nonNegativeInteger('RandAugment', 'numOps', numOps);
    if (!(Number.isInteger(magnitude) && magnitude >= 0 && magnitude < numMagnitudeBins)) {
      refuse('RandAugment', 'magnitude', `an integer from 0 to ${numMagnitudeBins - 1}`, magnitude);
    }
    super({ numOps, magnitude, numMagnitudeBins, ...warpOptions('RandAugment', options, 'nearest') }, options);
  }

  draw(random: Random, size: PictureSize): Operation {
    const { numOps, magnitude, numMagnitudeBins, ...warp } = this.options;
    return inSequence(
      Array.from({ length: numOps }, () => {
        const name = drawName(randAugmentSpace, random);
        return drawStrength(randAugmentSpace, name, magnitude, numMagnitudeBins, { random, size, warp });
      }),
    );
  }
}
registerTransform(RandAugment);
