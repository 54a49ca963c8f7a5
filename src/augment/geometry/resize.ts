/** Pictures of other sizes. */
import { oneOf, onlyKnown, positiveInteger } from '../../checks.js';
import { type Pair, pair } from '../../geometry.js';
import { unchanged } from '../operation.js';
import { PictureTransform } from '../picture-transform.js';
import { applied, type Pixels } from '../pixels.js';
import { CopyPixels } from '../primitives/copy-pixels.js';
import { ResamplePixels } from '../primitives/resample-pixels.js';
import { type Interpolation, interpolations } from '../primitives/sample-pixels.js';
import type { Operation, PictureSize, Random } from '../transform.js';
import { registerTransform } from '../transform-registry.js';

/** How new pixels come about. */
export interface ResizeOptions {
  /** The nearest pixel, or a mean that does not alias (antialias in torchvision); default 'bilinear'. */
  interpolation?: Interpolation;
}

/** Options of Resize. */
export interface ResizeTransformOptions extends ResizeOptions {
  /** [height, width], or the shorter side's length: the longer one keeps the proportion. */
  size: Pair;
}

/** With the default, checked. */
export function resizeOptions(where: string, { interpolation = 'bilinear' }: ResizeOptions): Required<ResizeOptions> {
  return { interpolation: oneOf(where, 'interpolation', interpolation, interpolations) };
}

/** To height x width. */
export function resizing(
  from: PictureSize,
  { height, width }: Pick<PictureSize, 'height' | 'width'>,
  interpolation: Interpolation,
): Operation {
  if (from.height === height && from.width === width) return unchanged;
  return interpolation === 'nearest'
    ? new CopyPixels(nearest(from.height, height), nearest(from.width, width))
    : new ResamplePixels(from, height, width);
}

/** Source: PyTorch's interpolate with mode 'nearest'. */
function nearest(oldSize: number, newSize: number): Int32Array {
  return Int32Array.from({ length: newSize }, (_, i) => Math.floor((i * oldSize) / newSize));
}

/** @throws GeometryError where it is no size */
function sizeOption(where: string, size: Pair): Pair {
  return typeof size === 'number' ? positiveInteger(where, 'size', size) : pair(where, 'size', size);
}

function sizeAfter({ height, width, channels }: PictureSize, size: Pair): PictureSize {
  if (typeof size !== 'number') return { height: size[0], width: size[1], channels };
  const longer = Math.floor((size * Math.max(height, width)) / Math.min(height, width));
  return width <= height ? { height: longer, width: size, channels } : { height: size, width: longer, channels };
}

/**
 * Pictures of another size. Source: torchvision's resize with antialias; it rounds bytes between the two axes, too, and so may be
 * one grey level off.
 *
 * @param size [height, width], or the shorter side's length: the longer one keeps the proportion, rounded down
 * @throws ArgumentError naming what is wrong with x, size or interpolation
 */
export function resize<X extends Pixels>(x: X, size: Pair, options: ResizeOptions = {}): X {
  const wanted = sizeOption('resize', size);
  const { interpolation } = resizeOptions('resize', onlyKnown('resize', options, ['interpolation']));
  return applied('resize', x, (from) => resizing(from, sizeAfter(from, wanted), interpolation));
}

/** Brings pictures to a size; draws nothing. */
export class Resize extends PictureTransform<Required<ResizeTransformOptions>> {
  static readonly className: string = 'Resize';
  readonly fixed = true;

  /** @throws ArgumentError naming the option that is wrong */
  constructor(options: ResizeTransformOptions) {
    super({ size: sizeOption('Resize', options?.size), ...resizeOptions('Resize', options) }, options);
  }

  draw(_random: Random, size: PictureSize): Operation {
    return resizing(size, this.sizeAfter(size), this.options.interpolation);
  }

  override sizeAfter(size: PictureSize): PictureSize {
    return sizeAfter(size, this.options.size);
  }
}
registerTransform(Resize);
