/** Widths of MobileNets. */
import { ArgumentError } from '../geometry.js';

/**
 * The factor of all channels.
 * @throws ArgumentError where it is not a finite number above 0
 */
export function widthOf(net: string, alpha = 1): number {
  if (alpha > 0 && Number.isFinite(alpha)) return alpha;
  throw new ArgumentError(`${net}: alpha must be a finite number above 0, got ${JSON.stringify(alpha)}`);
}

/** The multiple of 8 nearest to a number of channels, at least 8 and no more than a tenth below: "make divisible" in both originals. */
export function multipleOf8(channels: number): number {
  const nearest = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return nearest < 0.9 * channels ? nearest + 8 : nearest;
}
