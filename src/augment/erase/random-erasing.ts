import { refuse } from '../../checks.js';
import { exp, log } from '../../initializers/exact-math.js';
import { RandomBits } from '../../initializers/random-bits.js';
import { ChanceTransform } from '../chance-transform.js';
import { drawBelow, drawBetween, drawSeed } from '../draws.js';
import type { Box } from '../geometry/crop.js';
import { unchanged } from '../operation.js';
import { type ChanceOptions, type Fill, fillOf, fillOption, probability, range } from '../options.js';
import type { Operation, PictureSize, Random } from '../transform.js';
import { registerTransform } from '../transform-registry.js';
import { EraseBox, filledBox } from './erase.js';

/** Options of RandomErasing. */
export interface RandomErasingOptions extends ChanceOptions {
  /** Smallest and largest share of the picture that is erased; default [0.02, 0.33]. */
  scale?: readonly [number, number];
  /** Smallest and largest height by width of the box; default [0.3, 3.3]. */
  ratio?: readonly [number, number];
  /** What comes there: a grey level, one for each channel, or 'random', another one for every byte; default 0. */
  value?: Fill | 'random';
}

/** How often a box is drawn that may not fit. */
const TRIALS = 10;

/**
 * A box of random place, area and shape replaced by one colour or by noise, or the picture as it is. Where ten boxes in a row do
 * not fit, nothing is erased. Draws one number; where it happens, two for each box until one fits, and two or three more.
 * Source: Zhong et al. 2017 (Random Erasing Data Augmentation), torchvision's RandomErasing. Grey levels are those before
 * normalization: torchvision's 0 behind Normalize is the data set's mean here; its noise is normal, this uniform, as the paper's.
 */
export class RandomErasing extends ChanceTransform<Required<RandomErasingOptions>> {
  static readonly className: string = 'RandomErasing';
  private readonly logRatio: readonly [number, number];

  /** @throws ArgumentError naming the option that is wrong */
  constructor(options: RandomErasingOptions = {}) {
    const { p = 0.5, scale = [0.02, 0.33], ratio = [0.3, 3.3], value = 0 } = options ?? {};
    const shares = range('RandomErasing', 'scale', scale, 0);
    if (shares[1] > 1) refuse('RandomErasing', 'scale', '[lowest, highest] within [0, 1]', scale);
    const shapes = range('RandomErasing', 'ratio', ratio);
    if (!(shapes[0] >= 1e-3 && shapes[1] <= 1e3))
      refuse('RandomErasing', 'ratio', '[lowest, highest] within [0.001, 1000]', ratio);
    super(
      {
        p: probability('RandomErasing', 'p', p),
        scale: shares,
        ratio: shapes,
        value: value === 'random' ? value : fillOption('RandomErasing', value, 'value'),
      },
      options,
    );
    this.logRatio = [log(shapes[0]), log(shapes[1])];
  }

  /** @internal */
  protected operationFor(size: PictureSize, random: Random): Operation {
    const { value } = this.options;
    const box = this.drawBox(size, random);
    if (box === undefined) return unchanged;
    if (value !== 'random') return filledBox(box, fillOf('RandomErasing', value, size, 'value'));
    const bits = new RandomBits(drawSeed(random));
    const pixels = Uint8Array.from({ length: box.height * box.width * size.channels }, () => bits.next());
    return new EraseBox(box, pixels);
  }

  private drawBox(size: PictureSize, random: Random): Box | undefined {
    for (let trial = 0; trial < TRIALS; trial++) {
      const area = size.height * size.width * drawBetween(random, this.options.scale);
      const ratio = exp(drawBetween(random, this.logRatio));
      const height = Math.round(Math.sqrt(area * ratio));
      const width = Math.round(Math.sqrt(area / ratio));
      if (height >= size.height || width >= size.width) continue;
      const top = drawBelow(random, size.height - height + 1);
      const left = drawBelow(random, size.width - width + 1);
      return { top, left, height, width };
    }
    return undefined;
  }
}
registerTransform(RandomErasing);
