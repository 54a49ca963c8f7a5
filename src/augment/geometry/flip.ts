/** Mirror images. */

import { unchanged } from '../operation.js';
import { type ChanceOptions, probability } from '../options.js';
import { PictureTransform } from '../picture-transform.js';
import { applied, type Pixels } from '../pixels.js';
import { reversed, straight } from '../primitives/axis-indices.js';
import { CopyPixels } from '../primitives/copy-pixels.js';
import type { Operation, PictureSize, Random } from '../transform.js';
import { registerTransform } from '../transform-registry.js';

const horizontal = ({ height, width }: PictureSize): Operation => new CopyPixels(straight(height), reversed(width));
const vertical = ({ height, width }: PictureSize): Operation => new CopyPixels(reversed(height), straight(width));

/**
 * Left becomes right. Source: torchvision's horizontal_flip.
 * @throws ArgumentError where x is neither a picture nor a float32 tensor of rank 3 or 4
 */
export const flipHorizontal = <X extends Pixels>(x: X): X => applied('flipHorizontal', x, horizontal);

/**
 * Top becomes bottom. Source: torchvision's vertical_flip.
 * @throws ArgumentError where x is neither a picture nor a float32 tensor of rank 3 or 4
 */
export const flipVertical = <X extends Pixels>(x: X): X => applied('flipVertical', x, vertical);

/** Left becomes right, or not. Draws one number. */
export class RandomHorizontalFlip extends PictureTransform<Required<ChanceOptions>> {
  static readonly className: string = 'RandomHorizontalFlip';

  /** @throws ArgumentError where p is no chance */
  constructor(options: ChanceOptions = {}) {
    const { p = 0.5 } = options ?? {};
    super({ p: probability('RandomHorizontalFlip', 'p', p) }, options);
  }

  draw(random: Random, size: PictureSize): Operation {
    return random() < this.options.p ? horizontal(size) : unchanged;
  }
}
registerTransform(RandomHorizontalFlip);

/** Top becomes bottom, or not. Draws one number. */
export class RandomVerticalFlip extends PictureTransform<Required<ChanceOptions>> {
  static readonly className: string = 'RandomVerticalFlip';

  /** @throws ArgumentError where p is no chance */
  constructor(options: ChanceOptions = {}) {
    const { p = 0.5 } = options ?? {};
    super({ p: probability('RandomVerticalFlip', 'p', p) }, options);
  }

  draw(random: Random, size: PictureSize): Operation {
    return random() < this.options.p ? vertical(size) : unchanged;
  }
}
registerTransform(RandomVerticalFlip);
