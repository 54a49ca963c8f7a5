/** Rectangles of pictures. */
import { refuse } from '../../checks.js';
import { GeometryError, type Pads, type Pair, pair } from '../../geometry.js';
import { fillOf } from '../options.js';
import { PictureTransform } from '../picture-transform.js';
import { applied, type Pixels } from '../pixels.js';
import { span } from '../primitives/axis-indices.js';
import { CopyPixels } from '../primitives/copy-pixels.js';
import type { Operation, PictureSize, Random } from '../transform.js';
import { registerTransform } from '../transform-registry.js';
import { type PaddingOptions, type PicturePadding, paddingOptions, sidesOf } from './pad.js';

/** A rectangle of a picture, in pixels from its top and left. */
export interface Box {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** Options of RandomCrop. */
export interface RandomCropOptions extends PaddingOptions {
  /** Height and width of what is cut out: one number, or [height, width]. */
  size: Pair;
  /** Pixels around the picture before it is cut: every side, [height, width] or { top, bottom, left, right }; default 0. */
  padding?: PicturePadding;
}

/** Options of CenterCrop. */
export interface CenterCropOptions {
  /** Height and width of what is cut out: one number, or [height, width]. */
  size: Pair;
}

/** The box, where it is one and lies in the picture. @throws GeometryError */
export function boxWithin(where: string, box: Box, size: PictureSize): Box {
  const { top, left, height, width } = box ?? {};
  const whole = [top, left, height, width].every(Number.isInteger);
  if (!whole || height < 1 || width < 1) {
    return refuse(where, 'box', '{ top, left, height, width } in whole pixels, height and width positive', box);
  }
  if (top < 0 || left < 0 || top + height > size.height || left + width > size.width) {
    throw new GeometryError(
      `${where}: box must lie in the picture of ${size.height} x ${size.width}, got rows ${top} to ${top + height} ` +
        `and columns ${left} to ${left + width}; pad the picture before`,
    );
  }
  return { top, left, height, width };
}

/** The box as a picture of its own; it must lie in the picture. */
export function cutting({ top, left, height, width }: Box, size: PictureSize): Operation {
  return new CopyPixels(span(top, height, size.height, 'constant'), span(left, width, size.width, 'constant'));
}

/**
 * The box of height x width in the middle; half pixels are rounded to even, as torchvision does.
 * @throws GeometryError where the picture is smaller
 */
export function centerCropBox(size: Pick<PictureSize, 'height' | 'width'>, crop: Pair): Box {
  const [height, width] = pair('centerCropBox', 'crop', crop);
  expectRoom('centerCropBox', [height, width], size.height, size.width, 'resize or pad it before');
  return { top: halfToEven(size.height - height), left: halfToEven(size.width - width), height, width };
}

/**
 * Cuts a box out. Source: torchvision's crop, which would pad where the box leaves the picture.
 * @throws ArgumentError where x is no picture, or the box is not in it
 */
export function crop<X extends Pixels>(x: X, box: Box): X {
  return applied('crop', x, (size) => cutting(boxWithin('crop', box, size), size));
}

/**
 * Cuts the middle out. Source: torchvision's center_crop, which would pad smaller pictures.
 * @throws ArgumentError where x is no picture, or smaller
 */
export function centerCrop<X extends Pixels>(x: X, crop: Pair): X {
  return applied('centerCrop', x, (size) => cutting(centerCropBox(size, crop), size));
}

/** Cuts a box out at a random place, all places equally likely, of the picture or of its padded self. Draws two numbers. */
export class RandomCrop extends PictureTransform<Required<RandomCropOptions>> {
  static readonly className: string = 'RandomCrop';
  private readonly crop: readonly [number, number];
  private readonly sides: Pads;

  /** @throws ArgumentError naming the option that is wrong */
  constructor(options: RandomCropOptions) {
    const { size, padding = 0 } = options ?? {};
    const crop = pair('RandomCrop', 'size', size);
    const sides = sidesOf('RandomCrop', padding);
    super({ size: crop, padding: sides, ...paddingOptions('RandomCrop', options) }, options);
    this.crop = crop;
    this.sides = sides;
  }

  draw(random: Random, size: PictureSize): Operation {
    const { top, bottom, left, right } = this.sides;
    const { paddingMode, fill } = this.options;
    const [height, width] = this.crop;
    const padded = [top + size.height + bottom, left + size.width + right] as const;
    expectRoom('RandomCrop', this.crop, ...padded, 'give a padding or a smaller size');
    const firstRow = Math.floor(random() * (padded[0] - height + 1)) - top;
    const firstColumn = Math.floor(random() * (padded[1] - width + 1)) - left;
    return new CopyPixels(
      span(firstRow, height, size.height, paddingMode),
      span(firstColumn, width, size.width, paddingMode),
      fillOf('RandomCrop', fill, size),
    );
  }

  override sizeAfter({ channels }: PictureSize): PictureSize {
    return { height: this.crop[0], width: this.crop[1], channels };
  }
}
registerTransform(RandomCrop);

/** Cuts the middle out of every picture; draws nothing. */
export class CenterCrop extends PictureTransform<CenterCropOptions> {
  static readonly className: string = 'CenterCrop';
  readonly fixed = true;
  private readonly crop: readonly [number, number];

  /** @throws ArgumentError where size is no height and width */
  constructor(options: CenterCropOptions) {
    const crop = pair('CenterCrop', 'size', options?.size);
    super({ size: crop }, options);
    this.crop = crop;
  }

  draw(_random: Random, size: PictureSize): Operation {
    return cutting(centerCropBox(size, this.crop), size);
  }

  override sizeAfter({ channels }: PictureSize): PictureSize {
    return { height: this.crop[0], width: this.crop[1], channels };
  }
}
registerTransform(CenterCrop);

function expectRoom(where: string, crop: readonly [number, number], height: number, width: number, remedy: string): void {
  if (crop[0] <= height && crop[1] <= width) return;
  throw new GeometryError(`${where}: a crop of ${crop.join(' x ')} does not fit into ${height} x ${width} pixels; ${remedy}`);
}

/** n / 2, rounded to the even neighbour: Python's round. */
function halfToEven(n: number): number {
  const half = Math.floor(n / 2);
  return n % 2 === 1 && half % 2 === 1 ? half + 1 : half;
}
