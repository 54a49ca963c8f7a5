/** What the pools' programs have in common: texels of a picture by pixel, and which windows hold a pixel. */

import { half } from '../../backends/webgl/layout.js';
import type { WindowGeometry } from '../../geometry.js';

/** The window's sizes as a program's numbers; x and y have the same channels. */
export function windowInts(g: WindowGeometry): Record<string, number> {
  return {
    inHeight: g.inHeight,
    inWidth: g.inWidth,
    outHeight: g.outHeight,
    outWidth: g.outWidth,
    depth: half(g.inChannels),
    filterHeight: g.filterHeight,
    filterWidth: g.filterWidth,
    strideHeight: g.strideHeight,
    strideWidth: g.strideWidth,
    dilationHeight: g.dilationHeight,
    dilationWidth: g.dilationWidth,
    padTop: g.padTop,
    padLeft: g.padLeft,
    padBottom: g.padBottom,
    padRight: g.padRight,
  };
}

/** `vec2 xPixel(line, column, c)`: two channels of a pixel of x, whose pictures are `width` wide. */
export function pixelCode(name: string, width: 'inWidth' | 'outWidth'): string {
  return `vec2 ${name}Pixel(int line, int column, int c) {
  vec4 two = ${name}((line * ((${width} + 1) >> 1) + (column >> 1)) * depth + c);
  return (column & 1) == 0 ? two.xy : two.zw;
}`;
}

/** One fragment computes two pixels: `vec2 pixel(line, column, c)` gives one of them. */
export function twoPixels(width: 'inWidth' | 'outWidth'): string {
  return `void compute(int texel) {
  int rest = quotient(texel, depth), c = texel - rest * depth;
  int wide = (${width} + 1) >> 1, line = quotient(rest, wide), column = (rest - line * wide) << 1;
  out0 = vec4(pixel(line, column, c), column + 1 < ${width} ? pixel(line, column + 1, c) : vec2(0));
}`;
}

/** First and last window along an axis that can hold the element at `i`. */
export const REACH = `ivec2 reach(int i, int pad, int window, int dilation, int stride, int windows) {
  int last = i + pad, first = last - (window - 1) * dilation;
  return ivec2(first <= 0 ? 0 : quotient(first + stride - 1, stride), min(quotient(last, stride), windows - 1));
}`;

/** Loops over the windows that hold pixel (y, column) of x; within, it is place (ky, kx) of window (oy, ox). */
export const forEachWindow = (
  body: string,
): string => `  ivec2 rows = reach(y, padTop, filterHeight, dilationHeight, strideHeight, outHeight);
  ivec2 columns = reach(column, padLeft, filterWidth, dilationWidth, strideWidth, outWidth);
  for (int oy = rows.x; oy <= rows.y; oy++) {
    int offY = y + padTop - oy * strideHeight, ky = quotient(offY, dilationHeight);
    if (ky * dilationHeight != offY) continue;
    for (int ox = columns.x; ox <= columns.y; ox++) {
      int offX = column + padLeft - ox * strideWidth, kx = quotient(offX, dilationWidth);
      if (kx * dilationWidth != offX) continue;
${body}
    }
  }`;

/** Whether it is NaN by its bits: compilers take `x != x` for false. */
export const IS_NAN = `bool isNaN(float v) { return (floatBitsToUint(v) & 0x7fffffffu) > 0x7f800000u; }`;
