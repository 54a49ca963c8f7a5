/** Turned pictures. */
import { flag, onlyKnown, refuse } from '../../checks.js';
import { finiteNumber } from '../options.js';
import { PictureTransform } from '../picture-transform.js';
import { applied, type Pixels } from '../pixels.js';
import { projected } from '../primitives/coordinates.js';
import type { Operation, PictureSize, Random } from '../transform.js';
import { registerTransform } from '../transform-registry.js';
import { type AffineMatrix, aboutCorners, inverseAffine } from './affine-projection.js';
import { angleRange, uniformIn } from './angle-range.js';
import { type Center, centerOption, centreOf } from './centre.js';
import { WARP_OPTIONS, type WarpOptions, warping, warpOptions } from './warp-options.js';

/** Options of rotate. */
export interface RotateOptions extends WarpOptions {
  /** Makes the result large enough for the whole picture; else it keeps the picture's size, the default. */
  expand?: boolean;
  /** What stays in place, [x, y] in pixels from the upper left corner; default: the middle. */
  center?: Center;
}

/** Options of RandomRotation. */
export interface RandomRotationOptions extends WarpOptions {
  /** Turns by -degrees .. degrees, or by [lowest, highest]. */
  degrees: number | readonly [number, number];
  /** What stays in place, [x, y] in pixels from the upper left corner; default: the middle. */
  center?: Center;
}

function rotateFor(where: string, degrees: number, options: RotateOptions): (size: PictureSize) => Operation {
  const expand = flag(where, 'expand', options?.expand ?? false);
  const center = centerOption(where, options?.center);
  if (expand && center !== null) refuse(where, 'center', 'left out where the result expands about the middle', center);
  const warp = warpOptions(where, options, 'nearest');
  return (size) => {
    const centre = centreOf(center, size);
    // Counter-clockwise, and affine maps turn clockwise.
    const matrix = inverseAffine({ angle: -degrees, translate: [0, 0], scale: 1, shear: [0, 0], centre });
    const out = expand ? expanded(matrix, size) : size;
    return warping(where, projected(aboutCorners(matrix, size, out), out.height, out.width), size, warp);
  };
}

/**
 * Turns pictures counter-clockwise. Source: torchvision's rotate.
 *
 * @param degrees counter-clockwise
 * @param options default interpolation: 'nearest'
 * @throws ArgumentError naming what is wrong with x, degrees or an option
 */
export function rotate<X extends Pixels>(x: X, degrees: number, options: RotateOptions = {}): X {
  onlyKnown('rotate', options, ['expand', 'center', ...WARP_OPTIONS]);
  return applied('rotate', x, rotateFor('rotate', finiteNumber('rotate', 'degrees', degrees), options));
}

/** Turns pictures at random, counter-clockwise. Draws one number. */
export class RandomRotation extends PictureTransform<Required<RandomRotationOptions>> {
  static readonly className: string = 'RandomRotation';
  private readonly degrees: readonly [number, number];

  /** @throws ArgumentError naming the option that is wrong */
  constructor(options: RandomRotationOptions) {
    const where = 'RandomRotation';
    const { degrees, center } = options ?? {};
    const turn = angleRange(where, 'degrees', degrees);
    super({ degrees, center: centerOption(where, center), ...warpOptions(where, options, 'nearest') }, options);
    this.degrees = turn;
  }

  draw(random: Random, size: PictureSize): Operation {
    return rotateFor('RandomRotation', uniformIn(random, this.degrees), this.options)(size);
  }
}
registerTransform(RandomRotation);

/** Height and width of what holds all four corners. Source: torchvision's _compute_affine_output_size, its tolerance too. */
function expanded([xx, xy, x1, yx, yy, y1]: AffineMatrix, { height, width }: PictureSize): { height: number; width: number } {
  const corners = [-1, 1].flatMap((right) => [-1, 1].map((down) => [(right * width) / 2, (down * height) / 2] as const));
  return {
    height: extent(corners.map(([x, y]) => yx * x + yy * y + y1 + height / 2)),
    width: extent(corners.map(([x, y]) => xx * x + xy * y + x1 + width / 2)),
  };
}

function extent(places: readonly number[]): number {
  const truncated = (place: number): number => Math.trunc(place * 1e4) / 1e4;
  return Math.ceil(truncated(Math.max(...places))) - Math.floor(truncated(Math.min(...places)));
}
