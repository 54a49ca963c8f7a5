import { half } from '../../backends/webgl/layout.js';
import type { WindowGeometry } from '../../geometry.js';
import type { PoolSizes } from './axis.js';

/** Sizes of pictures and of what windows make of them. */
export interface WindowSizes extends PoolSizes {
  readonly outChannels: number;
}

/** The sizes as a program's numbers. */
export function sizeInts(g: WindowSizes): Record<string, number> {
  const { inHeight, inWidth, outHeight, outWidth } = g;
  return { inHeight, inWidth, outHeight, outWidth, inDepth: half(g.inChannels), outDepth: half(g.outChannels) };
}

/** Which pixels the windows of a pool hold, in GLSL. */
export interface PoolWindows<Geometry extends WindowSizes> {
  /** The sizes as a program's numbers. */
  ints(g: Geometry): Record<string, number>;
  /** What the loops call. */
  readonly functions: string;
  /** Runs `body` for each pixel (iy, ix) of the window of (py, px), row by row; `line` is its row in all pictures. */
  over(body: string): string;
  /** Runs `body` for each window (oy, ox) that holds the pixel (py, px); `line` is its row in all pictures. */
  holding(body: string): string;
}

/** The window's sizes, too. */
export function windowInts(g: WindowGeometry): Record<string, number> {
  return {
    ...sizeInts(g),
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

/** Windows that slide. Within a window the pixel is its place (ky, kx). */
export const slidingWindows: PoolWindows<WindowGeometry> = {
  ints: windowInts,

  // First and last window along an axis that can hold the element at `i`.
  functions: `ivec2 reach(int i, int pad, int window, int dilation, int stride, int windows) {
  int last = i + pad, first = last - (window - 1) * dilation;
  return ivec2(first <= 0 ? 0 : quotient(first + stride - 1, stride), min(quotient(last, stride), windows - 1));
}`,

  over: (body) => `  int top = py * strideHeight - padTop, left = px * strideWidth - padLeft;
  for (int ky = 0; ky < filterHeight; ky++) {
    int iy = top + ky * dilationHeight, line = picture * inHeight + iy;
    if (iy < 0 || iy >= inHeight) continue;
    for (int kx = 0; kx < filterWidth; kx++) {
      int ix = left + kx * dilationWidth;
      if (ix < 0 || ix >= inWidth) continue;
${body}
    }
  }`,

  holding: (body) => `  ivec2 rows = reach(py, padTop, filterHeight, dilationHeight, strideHeight, outHeight);
  ivec2 columns = reach(px, padLeft, filterWidth, dilationWidth, strideWidth, outWidth);
  for (int oy = rows.x; oy <= rows.y; oy++) {
    int offY = py + padTop - oy * strideHeight, ky = quotient(offY, dilationHeight), line = picture * outHeight + oy;
    if (ky * dilationHeight != offY) continue;
    for (int ox = columns.x; ox <= columns.y; ox++) {
      int offX = px + padLeft - ox * strideWidth, kx = quotient(offX, dilationWidth);
      if (kx * dilationWidth != offX) continue;
${body}
    }
  }`,
};
