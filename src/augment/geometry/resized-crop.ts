/** Rectangles of pictures, brought to a size. */
import { onlyKnown, refuse } from '../../checks.js';
import { type Pair, pair } from '../../geometry.js';
import { exp, log } from '../../initializers/exact-math.js';
import { inSequence } from '../operation.js';
import { range } from '../options.js';
import { PictureTransform } from '../picture-transform.js';
import { applied, type Pixels } from '../pixels.js';
import type { Operation, PictureSize, Random } from '../transform.js';
import { registerTransform } from '../transform-registry.js';
import { uniformIn } from './angle-range.js';
import { type Box, boxWithin, cutting } from './crop.js';
import { type ResizeOptions, resizeOptions, resizing } from './resize.js';

/** Options of RandomResizedCrop. */
export interface RandomResizedCropOptions extends ResizeOptions {
  /** What pictures are brought to: one number, or [height, width]. */
  size: Pair;
  /** Part of the picture's area that is cut out, [lowest, highest]; default [0.08, 1]. */
  scale?: readonly [number, number];
  /** Width over height of what is cut out, [lowest, highest], its logarithm uniform; default [3 / 4, 4 / 3]. */
  ratio?: readonly [number, number];
}

/** Boxes that are drawn before the middle is taken. */
const TRIES = 10;

/** Ratios between these have logarithms that `exp` knows. */
const RATIOS = [1e-3, 1e3] as const;

function cropping(
  box: Box,
  [height, width]: readonly [number, number],
  size: PictureSize,
  interpolation: ResizeOptions['interpolation'],
) {
  const cut = { ...box, channels: size.channels };
  return inSequence([cutting(box, size), resizing(cut, { height, width }, interpolation!)]);
}

/**
 * Cuts a box out and brings it to a size. Source: torchvision's resized_crop with antialias.
 *
 * @param size one number, or [height, width]
 * @throws ArgumentError where x is no picture, the box is not in it, or size or interpolation is wrong
 */
export function resizedCrop<X extends Pixels>(x: X, box: Box, size: Pair, options: ResizeOptions = {}): X {
  const wanted = pair('resizedCrop', 'size', size);
  const { interpolation } = resizeOptions('resizedCrop', onlyKnown('resizedCrop', options, ['interpolation']));
  return applied('resizedCrop', x, (from) => cropping(boxWithin('resizedCrop', box, from), wanted, from, interpolation));
}

/**
 * Cuts a box of random area and proportion out and brings it to a size: training pictures of ImageNet. Draws two numbers for
 * each box that is tried, up to ten, and two for its place.
 * Source: torchvision's RandomResizedCrop; Szegedy et al., Going deeper with convolutions, 2015.
 */
export class RandomResizedCrop extends PictureTransform<Required<RandomResizedCropOptions>> {
  static readonly className: string = 'RandomResizedCrop';
  private readonly target: readonly [number, number];

  /** @throws ArgumentError naming the option that is wrong */
  constructor(options: RandomResizedCropOptions) {
    const where = 'RandomResizedCrop';
    const { size, scale = [0.08, 1], ratio = [3 / 4, 4 / 3] } = options ?? {};
    const target = pair(where, 'size', size);
    const [least, most] = range(where, 'scale', scale);
    if (least <= 0 || most > 1) refuse(where, 'scale', 'parts of the area, above 0 and at most 1', scale);
    const [narrowest, widest] = range(where, 'ratio', ratio);
    if (narrowest < RATIOS[0] || widest > RATIOS[1]) refuse(where, 'ratio', `between ${RATIOS[0]} and ${RATIOS[1]}`, ratio);
    super({ size: target, scale: [least, most], ratio: [narrowest, widest], ...resizeOptions(where, options) }, options);
    this.target = target;
  }

  draw(random: Random, size: PictureSize): Operation {
    return cropping(this.box(random, size), this.target, size, this.options.interpolation);
  }

  private box(random: Random, size: PictureSize): Box {
    const { scale, ratio } = this.options;
    const logarithms = [log(ratio[0]), log(ratio[1])] as const;
    for (let i = 0; i < TRIES; i++) {
      const area = size.height * size.width * uniformIn(random, scale);
      const proportion = exp(uniformIn(random, logarithms));
      const width = Math.round(Math.sqrt(area * proportion));
      const height = Math.round(Math.sqrt(area / proportion));
      if (width > 0 && height > 0 && width <= size.width && height <= size.height) {
        const top = Math.floor(random() * (size.height - height + 1));
        return { top, left: Math.floor(random() * (size.width - width + 1)), height, width };
      }
    }
    return this.middle(size);
  }

  /** The largest box in the middle whose proportion is allowed. */
  private middle(size: PictureSize): Box {
    const [narrowest, widest] = this.options.ratio;
    const proportion = size.width / size.height;
    const height = proportion < narrowest ? Math.max(1, Math.round(size.width / narrowest)) : size.height;
    const width = proportion > widest ? Math.max(1, Math.round(size.height * widest)) : size.width;
    return { top: Math.floor((size.height - height) / 2), left: Math.floor((size.width - width) / 2), height, width };
  }

  override sizeAfter({ channels }: PictureSize): PictureSize {
    return { height: this.target[0], width: this.target[1], channels };
  }
}
registerTransform(RandomResizedCrop);
