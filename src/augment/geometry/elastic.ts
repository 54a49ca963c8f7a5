/** Pictures as if drawn on rubber. */
import { onlyKnown, refuse } from '../../checks.js';
import { GeometryError } from '../../geometry.js';
import { finiteNumber } from '../options.js';
import { PictureTransform } from '../picture-transform.js';
import { applied, type Pixels } from '../pixels.js';
import { displaced } from '../primitives/coordinates.js';
import type { Operation, PictureSize, Random } from '../transform.js';
import { registerTransform } from '../transform-registry.js';
import { smoothed } from './smooth-noise.js';
import { WARP_OPTIONS, type WarpOptions, warping, warpOptions } from './warp-options.js';

/** How far right and down of itself every pixel is taken from, row by row [height * width], in pixels. */
export interface Displacement {
  /** To the right. */
  readonly dx: ArrayLike<number>;
  /** Down. */
  readonly dy: ArrayLike<number>;
}

/** Pixels; a bell wider than pictures moves them as a whole. */
const WIDEST = 1000;

/** Options of ElasticTransform. */
export interface ElasticTransformOptions extends WarpOptions {
  /** Strength: twice the pixels by which unsmoothed noise would move at most; default 50. */
  alpha?: number;
  /** Deviation of the bell that smooths the noise, in pixels; default 5. */
  sigma?: number;
}

/**
 * Takes every pixel from elsewhere. Source: torchvision's elastic, whose displacement is in halves of the width and the height.
 *
 * @param displacement in pixels, for every pixel of the picture
 * @param options default interpolation: 'bilinear'
 * @throws ArgumentError naming what is wrong with x or an option, GeometryError where displacement has another size
 */
export function elastic<X extends Pixels>(x: X, displacement: Displacement, options: WarpOptions = {}): X {
  const warp = warpOptions('elastic', onlyKnown('elastic', options, WARP_OPTIONS), 'bilinear');
  return applied('elastic', x, (size) => {
    const { height, width } = size;
    const { dx, dy } = displacement ?? {};
    for (const values of [dx, dy]) {
      if (typeof values?.length !== 'number')
        refuse('elastic', 'displacement', '{ dx, dy }, two arrays of numbers', displacement);
      if (values.length !== height * width) {
        throw new GeometryError(
          `elastic: dx and dy must have a number for each of the ${height} x ${width} pixels, got ${values.length}`,
        );
      }
    }
    return warping('elastic', displaced(dx, dy, height, width), size, warp);
  });
}

/**
 * Moves every pixel a little, and its neighbours nearly alike. Draws two numbers a pixel.
 * Source: torchvision's ElasticTransform; Simard, Steinkraus, Platt, Best practices for convolutional neural networks, 2003.
 */
export class ElasticTransform extends PictureTransform<Required<ElasticTransformOptions>> {
  static readonly className: string = 'ElasticTransform';

  /** @throws ArgumentError naming the option that is wrong */
  constructor(options: ElasticTransformOptions = {}) {
    const where = 'ElasticTransform';
    const { alpha = 50, sigma = 5 } = options ?? {};
    finiteNumber(where, 'alpha', alpha);
    if (!(sigma > 0 && sigma <= WIDEST)) refuse(where, 'sigma', `a number above 0, at most ${WIDEST}`, sigma);
    super({ alpha, sigma, ...warpOptions(where, options, 'bilinear') }, options);
  }

  draw(random: Random, size: PictureSize): Operation {
    const { alpha, sigma } = this.options;
    const { height, width } = size;
    const field = (): Float64Array => {
      const noise = new Float64Array(height * width);
      for (let i = 0; i < noise.length; i++) noise[i] = (alpha / 2) * (2 * random() - 1);
      return smoothed(noise, height, width, sigma);
    };
    const dx = field();
    return warping('ElasticTransform', displaced(dx, field(), height, width), size, this.options);
  }
}
registerTransform(ElasticTransform);
