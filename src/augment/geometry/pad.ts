/** Pixels around a picture. */
import { oneOf, onlyKnown, refuse } from '../../checks.js';
import type { Pads } from '../../geometry.js';
import { type Fill, fillOf, fillOption } from '../options.js';
import { PictureTransform } from '../picture-transform.js';
import { applied, type Pixels } from '../pixels.js';
import { span } from '../primitives/axis-indices.js';
import { CopyPixels } from '../primitives/copy-pixels.js';
import { type PaddingMode, paddingModes } from '../primitives/padding-mode.js';
import type { Operation, PictureSize, Random } from '../transform.js';
import { registerTransform } from '../transform-registry.js';

/** Pixels for every side, [height, width], or each side; torchvision's [left, top, right, bottom] is not understood. */
export type PicturePadding = number | readonly [number, number] | Readonly<Pads>;

/** What stands in the padding. */
export interface PaddingOptions {
  /** Default 'constant', the fill. */
  paddingMode?: PaddingMode;
  /** Grey level of all channels, or of each; default 0. */
  fill?: Fill;
}

/** Options of Pad. */
export interface PadOptions extends PaddingOptions {
  /** Pixels for every side, [height, width] or { top, bottom, left, right }. */
  padding: PicturePadding;
}

/** The four sides. @throws ArgumentError where one is no number of pixels */
export function sidesOf(where: string, padding: PicturePadding): Pads {
  const [height, width] = Array.isArray(padding) ? padding : [padding, padding];
  const sides =
    typeof padding === 'object' && padding !== null && !Array.isArray(padding)
      ? (padding as Pads)
      : { top: height, bottom: height, left: width, right: width };
  const { top, bottom, left, right } = sides;
  const fits = [top, bottom, left, right].every((pixels) => Number.isInteger(pixels) && pixels >= 0);
  if (!fits || (Array.isArray(padding) && padding.length !== 2)) {
    return refuse(where, 'padding', 'a non-negative integer, [height, width] or { top, bottom, left, right }', padding);
  }
  return { top, bottom, left, right };
}

/** With defaults, checked. */
export function paddingOptions(where: string, { paddingMode = 'constant', fill = 0 }: PaddingOptions): Required<PaddingOptions> {
  return { paddingMode: oneOf(where, 'paddingMode', paddingMode, paddingModes), fill: fillOption(where, fill) };
}

function padding(where: string, size: PictureSize, sides: Pads, { paddingMode, fill }: Required<PaddingOptions>): Operation {
  const { top, bottom, left, right } = sides;
  return new CopyPixels(
    span(-top, top + size.height + bottom, size.height, paddingMode),
    span(-left, left + size.width + right, size.width, paddingMode),
    fillOf(where, fill, size),
  );
}

/**
 * Pixels around the picture. Source: torchvision's pad.
 *
 * @param sides every side, [height, width] or { top, bottom, left, right }
 * @throws ArgumentError naming what is wrong with x, padding, paddingMode or fill
 */
export function pad<X extends Pixels>(x: X, sides: PicturePadding, options: PaddingOptions = {}): X {
  const pixels = sidesOf('pad', sides);
  const around = paddingOptions('pad', onlyKnown('pad', options, ['paddingMode', 'fill']));
  return applied('pad', x, (size) => padding('pad', size, pixels, around));
}

/** Pixels around every picture; draws nothing. */
export class Pad extends PictureTransform<Required<PadOptions>> {
  static readonly className: string = 'Pad';
  readonly fixed = true;
  private readonly sides: Pads;

  /** @throws ArgumentError naming the option that is wrong */
  constructor(options: PadOptions) {
    const sides = sidesOf('Pad', options?.padding);
    super({ padding: sides, ...paddingOptions('Pad', options) }, options);
    this.sides = sides;
  }

  draw(_random: Random, size: PictureSize): Operation {
    return padding('Pad', size, this.sides, this.options);
  }

  override sizeAfter({ height, width, channels }: PictureSize): PictureSize {
    const { top, bottom, left, right } = this.sides;
    return { height: height + top + bottom, width: width + left + right, channels };
  }
}
registerTransform(Pad);
