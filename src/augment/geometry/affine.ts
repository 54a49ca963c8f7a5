/** Turned, moved, scaled and sheared pictures. */
import { onlyKnown, positiveNumber, refuse } from '../../checks.js';
import { finiteNumber, finiteNumbers, range } from '../options.js';
import { PictureTransform } from '../picture-transform.js';
import { applied, type Pixels } from '../pixels.js';
import { projected } from '../primitives/coordinates.js';
import type { Operation, PictureSize, Random } from '../transform.js';
import { registerTransform } from '../transform-registry.js';
import { aboutCorners, inverseAffine } from './affine-projection.js';
import { angleRange, uniformIn } from './angle-range.js';
import { type Center, centerOption, centreOf } from './centre.js';
import { WARP_OPTIONS, type WarpOptions, warping, warpOptions } from './warp-options.js';

/** Options of affine; without any nothing changes. */
export interface AffineOptions extends WarpOptions {
  /** Degrees to turn by, clockwise (rotate turns the other way, as in torchvision); default 0. */
  angle?: number;
  /** Pixels to move by, [right, down]; default [0, 0]. */
  translate?: readonly [number, number];
  /** More than 1 enlarges; default 1. */
  scale?: number;
  /** Degrees to shear by along x, or [along x, along y], each between -90 and 90; default 0. */
  shear?: number | readonly [number, number];
  /** What stays in place, [x, y] in pixels from the upper left corner; default: the middle. */
  center?: Center;
}

/** Options of RandomAffine. */
export interface RandomAffineOptions extends WarpOptions {
  /** Turns by -degrees .. degrees, or by [lowest, highest]. */
  degrees: number | readonly [number, number];
  /** Moves by up to these parts of the width and the height, [x, y] in 0..1, in whole pixels; default [0, 0]. */
  translate?: readonly [number, number];
  /** Scales by [lowest, highest]; default [1, 1]. */
  scale?: readonly [number, number];
  /** Shears along x by -shear .. shear or [lowest, highest] degrees; or also along y, [x low, x high, y low, y high]; default 0. */
  shear?: number | readonly [number, number] | readonly [number, number, number, number];
  /** What stays in place, [x, y] in pixels from the upper left corner; default: the middle. */
  center?: Center;
}

/** One kind of affine map for pictures of every size. @throws ArgumentError naming the option that is wrong */
export function affineFor(where: string, options: AffineOptions): (size: PictureSize) => Operation {
  const { angle = 0, translate = [0, 0], scale = 1, shear = 0, center } = options ?? {};
  finiteNumber(where, 'angle', angle);
  finiteNumbers(where, 'translate', ['right', 'down'], translate);
  positiveNumber(where, 'scale', scale);
  const both = typeof shear === 'number' ? ([shear, 0] as const) : shear;
  const sheared = finiteNumbers(where, 'shear', ['along x', 'along y'], both) as readonly [number, number];
  if (!sheared.every(isShear)) refuse(where, 'shear', 'between -90 and 90 degrees', shear);
  const place = centerOption(where, center);
  const warp = warpOptions(where, options, 'nearest');
  return (size) => {
    const matrix = inverseAffine({ angle, translate, scale, shear: sheared, centre: centreOf(place, size) });
    return warping(where, projected(aboutCorners(matrix, size), size.height, size.width), size, warp);
  };
}

/**
 * Turns, moves, scales and shears pictures about a centre. Source: torchvision's affine.
 *
 * @param options default interpolation: 'nearest'
 * @throws ArgumentError naming what is wrong with x or an option
 */
export function affine<X extends Pixels>(x: X, options: AffineOptions = {}): X {
  onlyKnown('affine', options, ['angle', 'translate', 'scale', 'shear', 'center', ...WARP_OPTIONS]);
  return applied('affine', x, affineFor('affine', options));
}

/** Turns, moves, scales and shears pictures at random. Draws six numbers. */
export class RandomAffine extends PictureTransform<Required<RandomAffineOptions>> {
  static readonly className: string = 'RandomAffine';
  private readonly degrees: readonly [number, number];
  private readonly alongX: readonly [number, number];
  private readonly alongY: readonly [number, number];

  /** @throws ArgumentError naming the option that is wrong */
  constructor(options: RandomAffineOptions) {
    const where = 'RandomAffine';
    const { degrees, translate = [0, 0], scale = [1, 1], shear = 0, center } = options ?? {};
    const turn = angleRange(where, 'degrees', degrees);
    const parts = finiteNumbers(where, 'translate', ['part of the width', 'part of the height'], translate);
    if (!parts.every((part) => part >= 0 && part <= 1))
      refuse(where, 'translate', 'parts of width and height in [0, 1]', translate);
    if (range(where, 'scale', scale)[0] <= 0) refuse(where, 'scale', 'above 0', scale);
    const four = Array.isArray(shear) && shear.length === 4;
    const alongX = angleRange(where, 'shear', four ? shear.slice(0, 2) : shear);
    const alongY = angleRange(where, 'shear', four ? shear.slice(2) : 0);
    if (![...alongX, ...alongY].every(isShear)) refuse(where, 'shear', 'between -90 and 90 degrees', shear);
    super(
      {
        degrees,
        translate,
        scale,
        shear,
        center: centerOption(where, center),
        ...warpOptions(where, options, 'nearest'),
      },
      options,
    );
    this.degrees = turn;
    this.alongX = alongX;
    this.alongY = alongY;
  }

  draw(random: Random, size: PictureSize): Operation {
    const { translate, scale, center, interpolation, fill } = this.options;
    const angle = uniformIn(random, this.degrees);
    const [right, down] = [translate[0] * size.width, translate[1] * size.height];
    const moved = [Math.round(uniformIn(random, [-right, right])), Math.round(uniformIn(random, [-down, down]))] as const;
    const scaled = uniformIn(random, scale);
    const shear = [uniformIn(random, this.alongX), uniformIn(random, this.alongY)] as const;
    const options = { angle, translate: moved, scale: scaled, shear, center, interpolation, fill };
    return affineFor('RandomAffine', options)(size);
  }
}
registerTransform(RandomAffine);

function isShear(degrees: number): boolean {
  return Math.abs(degrees) < 90;
}
