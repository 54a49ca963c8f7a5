import { type Pair, pair } from '../../geometry.js';
import { ChanceTransform } from '../chance-transform.js';
import { drawBelow } from '../draws.js';
import { type ChanceOptions, type Fill, fillOf, fillOption, probability } from '../options.js';
import type { Operation, PictureSize, Random } from '../transform.js';
import { registerTransform } from '../transform-registry.js';
import { filledBox } from './erase.js';

/** Options of Cutout. */
export interface CutoutOptions extends ChanceOptions {
  /** Height and width of the box: one number, or [height, width]. */
  size: Pair;
  /** What comes there: a grey level, or one for each channel; default 0. The paper's is the data set's mean. */
  value?: Fill;
}

/**
 * A box around a random pixel replaced by one colour; what of it lies outside of the picture is cut off. Draws one number; where
 * it happens, two more.
 * Source: DeVries and Taylor 2017 (Improved Regularization of Convolutional Neural Networks with Cutout).
 */
export class Cutout extends ChanceTransform<Required<CutoutOptions>> {
  static readonly className: string = 'Cutout';

  /**
   * @param options size, p (default 1), value
   * @throws ArgumentError naming the option that is wrong
   */
  constructor(options: CutoutOptions) {
    const { size, p = 1, value = 0 } = options ?? {};
    super(
      {
        size: pair('Cutout', 'size', size),
        p: probability('Cutout', 'p', p),
        value: fillOption('Cutout', value, 'value'),
      },
      options,
    );
  }

  /** @internal */
  protected operationFor(size: PictureSize, random: Random): Operation {
    const [height, width] = this.options.size as readonly [number, number];
    const rows = cut(drawBelow(random, size.height) - (height >> 1), height, size.height);
    const columns = cut(drawBelow(random, size.width) - (width >> 1), width, size.width);
    const box = { top: rows.first, height: rows.length, left: columns.first, width: columns.length };
    return filledBox(box, fillOf('Cutout', this.options.value, size, 'value'));
  }
}
registerTransform(Cutout);

/** What of the places first .. first + length - 1 lies in 0 .. size - 1. */
function cut(first: number, length: number, size: number): { first: number; length: number } {
  const begin = Math.max(0, first);
  return { first: begin, length: Math.min(size, first + length) - begin };
}
