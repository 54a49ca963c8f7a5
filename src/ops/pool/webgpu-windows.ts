import type { Program } from '../../backends/webgpu/program.js';
import type { WindowGeometry } from '../../geometry.js';
import type { PoolSizes } from './axis.js';

/** Which pixels the windows of a pool hold, in WGSL. */
export interface PoolWindows<Geometry extends PoolSizes> {
  readonly uniforms: Program['uniforms'];
  /** Their values; `size` is the number of threads. */
  numbers(g: Geometry, size: number): Record<string, number>;
  /** What the loops call. */
  readonly functions: string;
  /** Runs `body` for each pixel (iy, ix) of the window of (py, px), row by row; its element is `at`. */
  over(body: string): string;
  /** Runs `body` for each window (oy, ox) that holds the pixel (py, px); its element is `o`. */
  holding(body: string): string;
}

/** Uniforms of a window that slides over a picture. */
export const windowUniforms: Program['uniforms'] = {
  size: 'u32',
  ...{ inHeight: 'i32', inWidth: 'i32', channels: 'i32', outHeight: 'i32', outWidth: 'i32' },
  ...{ filterHeight: 'i32', filterWidth: 'i32', strideHeight: 'i32', strideWidth: 'i32' },
  ...{ dilationHeight: 'i32', dilationWidth: 'i32', padTop: 'i32', padLeft: 'i32' },
};

/** Their values; `size` is the number of threads. */
export function windowNumbers(g: WindowGeometry, size: number): Record<string, number> {
  const { inHeight, inWidth, inChannels: channels, outHeight, outWidth, filterHeight, filterWidth } = g;
  const { strideHeight, strideWidth, dilationHeight, dilationWidth, padTop, padLeft } = g;
  return {
    ...{ size, inHeight, inWidth, channels, outHeight, outWidth, filterHeight, filterWidth },
    ...{ strideHeight, strideWidth, dilationHeight, dilationWidth, padTop, padLeft },
  };
}

/** WGSL: the place of element i of a picture of that size: channel c, column px, row py, and its batch's first row `first` in x or y. */
export function placeText(height: string, width: string): string {
  return `
  let c = i32(i) % u.channels;
  let px = i32(i) / u.channels % ${width};
  let py = i32(i) / u.channels / ${width} % ${height};
  let picture = i32(i) / u.channels / ${width} / ${height};`;
}

/** WGSL: runs `body` for each pixel (iy, ix) that the window of (py, px) sees, whose element is `at`. */
export function overWindow(body: string): string {
  return `
  for (var ky = 0; ky < u.filterHeight; ky++) {
    let iy = py * u.strideHeight - u.padTop + ky * u.dilationHeight;
    if (iy < 0 || iy >= u.inHeight) { continue; }
    for (var kx = 0; kx < u.filterWidth; kx++) {
      let ix = px * u.strideWidth - u.padLeft + kx * u.dilationWidth;
      if (ix < 0 || ix >= u.inWidth) { continue; }
      let at = ((picture * u.inHeight + iy) * u.inWidth + ix) * u.channels + c;
      ${body}
    }
  }`;
}

/** WGSL: runs `body` for each window (oy, ox), seen through (ky, kx), that holds the pixel (py, px); its element is `o`. */
export function overWindowsOf(body: string, outChannels = 'u.channels'): string {
  return `
  for (var ky = u.filterHeight - 1; ky >= 0; ky--) {
    let above = py + u.padTop - ky * u.dilationHeight;
    if (above < 0 || above % u.strideHeight != 0 || above / u.strideHeight >= u.outHeight) { continue; }
    let oy = above / u.strideHeight;
    for (var kx = u.filterWidth - 1; kx >= 0; kx--) {
      let before = px + u.padLeft - kx * u.dilationWidth;
      if (before < 0 || before % u.strideWidth != 0 || before / u.strideWidth >= u.outWidth) { continue; }
      let ox = before / u.strideWidth;
      let o = ((picture * u.outHeight + oy) * u.outWidth + ox) * ${outChannels} + c;
      ${body}
    }
  }`;
}

/** WGSL functions: NaN by its bits, since an engine may take it that there is none; and what is a maximum's equal. */
export const nanText = `
fn isNan(v: f32) -> bool { return (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u; }
fn beats(v: f32, best: f32) -> bool { return v > best || (isNan(v) && !isNan(best)); }
fn same(v: f32, best: f32) -> bool { return v == best || (isNan(v) && isNan(best)); }`;

/** Windows that slide. */
export const slidingWindows: PoolWindows<WindowGeometry> = {
  uniforms: windowUniforms,
  numbers: windowNumbers,
  functions: '',
  over: overWindow,
  holding: (body) => overWindowsOf(body),
};
