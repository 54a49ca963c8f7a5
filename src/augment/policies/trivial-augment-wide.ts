import { drawBelow } from '../draws.js';
import { type WarpOptions, warpOptions } from '../geometry/warp-options.js';
import { PictureTransform } from '../picture-transform.js';
import type { Operation, PictureSize, Random } from '../transform.js';
import { registerTransform } from '../transform-registry.js';
import { trivialAugmentWideSpace } from './augmentation-space.js';
import { magnitudeBins } from './magnitude-bins.js';
import { drawName, drawStrength } from './policy-operation.js';

/** Options of TrivialAugmentWide. */
export interface TrivialAugmentWideOptions extends WarpOptions {
  /** Strengths from the weakest to the strongest; default 31. */
  numMagnitudeBins?: number;
}

/**
 * One of 14 operations, of a random strength; nothing to tune. Draws three numbers. For pictures of 1 or 3 channels.
 * Source: Müller and Hutter 2021 (TrivialAugment: Tuning-free Yet State-of-the-Art Data Augmentation); torchvision's
 * TrivialAugmentWide.
 */
export class TrivialAugmentWide extends PictureTransform<Required<TrivialAugmentWideOptions>> {
  static readonly className: string = 'TrivialAugmentWide';

  /**
   * @param options interpolation: default 'nearest'
   * @throws ArgumentError naming the option that is wrong
   */
  constructor(options: TrivialAugmentWideOptions = {}) {
    const numMagnitudeBins = magnitudeBins('TrivialAugmentWide', options);
    super({ numMagnitudeBins, ...warpOptions('TrivialAugmentWide', options, 'nearest') }, options);
  }

  draw(random: Random, size: PictureSize): Operation {
    const { numMagnitudeBins, ...warp } = this.options;
    const name = drawName(trivialAugmentWideSpace, random);
    const bin = drawBelow(random, numMagnitudeBins);
    return drawStrength(trivialAugmentWideSpace, name, bin, numMagnitudeBins, { random, size, warp });
  }
}
registerTransform(TrivialAugmentWide);
