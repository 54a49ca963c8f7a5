import { averageOver } from '../avg-pool/webgl.js';
import { maxOver } from '../max-pool/webgl.js';
import { type PoolWindows, sizeInts } from '../pool/webgl-windows.js';
import type { AdaptivePoolGeometry } from './geometry.js';

/** Loops over the bin of (py, px): (y, x) of so many pictures' rows and columns. */
const overBin = (y: string, x: string, side: string, otherSide: string, body: string): string =>
  `  ivec2 rows = bin(py, ${side}Height, ${otherSide}Height), columns = bin(px, ${side}Width, ${otherSide}Width);
  for (int ${y} = rows.x; ${y} < rows.y; ${y}++) {
    int line = picture * ${otherSide}Height + ${y};
    for (int ${x} = columns.x; ${x} < columns.y; ${x}++) {
${body}
    }
  }`;

/**
 * Bin o of `count` is [floor(o size / count), ceil((o + 1) size / count)). It holds i just where i's bin of `size` over `count` holds o:
 * the way back runs over bins, too.
 */
const bins: PoolWindows<AdaptivePoolGeometry> = {
  ints: sizeInts,
  // Of o size only what is left of whole pixels a bin is multiplied, so that sides up to 65536 do not overflow.
  functions: `ivec2 bin(int o, int count, int size) {
  int whole = quotient(size, count), left = size - whole * count;
  if (count < 32768) return o * whole + ivec2(quotient(o * left, count), quotient((o + 1) * left + count - 1, count) + whole);
  uint bins = uint(count);
  return o * whole + ivec2(uint(o) * uint(left) / bins, (uint(o + 1) * uint(left) + bins - 1u) / bins + uint(whole));
}`,
  over: (body) => overBin('iy', 'ix', 'out', 'in', body),
  holding: (body) => overBin('oy', 'ox', 'in', 'out', body),
};

const divisor = () => ({
  functions: `float divisor(int oy, int ox) {
  ivec2 rows = bin(oy, outHeight, inHeight), columns = bin(ox, outWidth, inWidth);
  return float((rows.y - rows.x) * (columns.y - columns.x));
}`,
});

/** The loops of avgPool over adaptive bins. */
export const averageWebgl = averageOver('CnnAdaptiveAvgPool', bins, divisor);

/** The loops of maxPool over adaptive bins. */
export const maxWebgl = maxOver('CnnAdaptiveMaxPool', bins);
