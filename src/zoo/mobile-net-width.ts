/** The multiple of 8 nearest to a number of channels, at least 8 and no more than a tenth below: "make divisible" in both originals. */
export function multipleOf8(channels: number): number {
  const nearest = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return nearest < 0.9 * channels ? nearest + 8 : nearest;
}
