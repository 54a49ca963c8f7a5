/** Options of all that warps pictures. */
import { oneOf } from '../../checks.js';
import { type Fill, fillOf, fillOption } from '../options.js';
import type { Coordinates } from '../primitives/coordinates.js';
import { type Interpolation, interpolations, sampling } from '../primitives/sample-pixels.js';
import type { Operation, PictureSize } from '../transform.js';

/** How pixels between pixels come about, and those outside. */
export interface WarpOptions {
  /** The nearest pixel, or the mean of the four around; the default is torchvision's. */
  interpolation?: Interpolation;
  /** Grey level of what comes from outside of the picture, of all channels or of each; default 0. */
  fill?: Fill;
}

/** Names of WarpOptions. */
export const WARP_OPTIONS = ['interpolation', 'fill'] as const;

/** With defaults, checked. */
export function warpOptions(where: string, options: WarpOptions, usual: Interpolation): Required<WarpOptions> {
  const { interpolation = usual, fill = 0 } = options ?? {};
  return { interpolation: oneOf(where, 'interpolation', interpolation, interpolations), fill: fillOption(where, fill) };
}

/** The operation that takes every pixel from there. */
export function warping(where: string, at: Coordinates, size: PictureSize, options: Required<WarpOptions>): Operation {
  return sampling(at, size, options.interpolation, fillOf(where, options.fill, size));
}
