import { oneOf } from '../../checks.js';
import { drawBelow } from '../draws.js';
import { type WarpOptions, warpOptions } from '../geometry/warp-options.js';
import { inSequence, unchanged } from '../operation.js';
import { PictureTransform } from '../picture-transform.js';
import type { Operation, PictureSize, Random } from '../transform.js';
import { registerTransform } from '../transform-registry.js';
import { autoAugmentSpace } from './augmentation-space.js';
import { type AutoAugmentPolicy, policies } from './auto-augment-policies.js';
import { drawStrength } from './policy-operation.js';

/** Options of AutoAugment. */
export interface AutoAugmentOptions extends WarpOptions {
  /** Found on which data set; default 'imagenet'. */
  policy?: AutoAugmentPolicy;
}

/** Strengths that policies speak of. */
const BINS = 10;

/**
 * One of 25 pairs of operations that were found by search on a data set. Draws five numbers. For pictures of 1 or 3 channels.
 * Source: Cubuk et al. 2018 (AutoAugment: Learning Augmentation Strategies from Data); torchvision's AutoAugment.
 */
export class AutoAugment extends PictureTransform<Required<AutoAugmentOptions>> {
  static readonly className: string = 'AutoAugment';

  /**
   * @param options interpolation: default 'nearest'
   * @throws ArgumentError naming the option that is wrong
   */
  constructor(options: AutoAugmentOptions = {}) {
    const { policy = 'imagenet' } = options ?? {};
    oneOf('AutoAugment', 'policy', policy, Object.keys(policies) as AutoAugmentPolicy[]);
    super({ policy, ...warpOptions('AutoAugment', options, 'nearest') }, options);
  }

  draw(random: Random, size: PictureSize): Operation {
    const { policy, ...warp } = this.options;
    const pairs = policies[policy];
    const steps = pairs[drawBelow(random, pairs.length)]!.map(([name, chance, bin]) => {
      const happens = random() < chance;
      const operation = drawStrength(autoAugmentSpace, name, bin ?? 0, BINS, { random, size, warp });
      return happens ? operation : unchanged;
    });
    return inSequence(steps);
  }
}
registerTransform(AutoAugment);
