import type { Element, Program } from '../../backends/webgpu/program.js';
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

/** WGSL: the place of element i of a picture of that size: channel c at (py, px) of `picture`. */
export function placeText(height: string, width: string): string {
  return `
  let pixel = i32(i) / u.channels;
  let line = pixel / ${width};
  let picture = line / ${height};
  let c = i32(i) - pixel * u.channels;
  let px = pixel - line * ${width};
  let py = line - picture * ${height};`;
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

/** WGSL: the first and the last window along one axis that may hold position p. */
const windowRange = (p: string, pad: string, side: 'Height' | 'Width'): { first: string; last: string } => ({
  first: `max(0, (${p} + ${pad} - (u.filter${side} - 1) * u.dilation${side} + u.stride${side} - 1) / u.stride${side})`,
  last: `min((${p} + ${pad}) / u.stride${side}, u.out${side} - 1)`,
});

/** WGSL: the tap k through which a window sees what lies so far from its begin; goes on where dilation has none there. */
const tapText = (k: string, far: string, side: 'Height' | 'Width'): string => `
    var ${k} = ${far};
    if (u.dilation${side} > 1) {
      ${k} = ${k} / u.dilation${side};
      if (${k} * u.dilation${side} != ${far}) { continue; }
    }`;

/** WGSL: runs `body` for each window (oy, ox), seen through (ky, kx), that holds the pixel (py, px); its element is `o`. */
export function overWindowsOf(body: string, outChannels = 'u.channels'): string {
  const [rows, columns] = [windowRange('py', 'u.padTop', 'Height'), windowRange('px', 'u.padLeft', 'Width')];
  return `
  let lastRow = ${rows.last};
  let firstColumn = ${columns.first};
  let lastColumn = ${columns.last};
  for (var oy = ${rows.first}; oy <= lastRow; oy++) {
    let down = py + u.padTop - oy * u.strideHeight;${tapText('ky', 'down', 'Height')}
    for (var ox = firstColumn; ox <= lastColumn; ox++) {
      let across = px + u.padLeft - ox * u.strideWidth;${tapText('kx', 'across', 'Width')}
      let o = ((picture * u.outHeight + oy) * u.outWidth + ox) * ${outChannels} + c;
      ${body}
    }
  }`;
}

/** WGSL functions: NaN by its bits, since an engine may take it that there is none; and what is a maximum's equal. */
export function nanText(T: Element = 'f32'): string {
  const [bool, u32] = T === 'f32' ? ['bool', 'u32'] : ['vec4<bool>', 'vec4<u32>'];
  return `
fn isNan(v: ${T}) -> ${bool} { return (bitcast<${u32}>(v) & ${u32}(0x7fffffffu)) > ${u32}(0x7f800000u); }
fn beats(v: ${T}, best: ${T}) -> ${bool} { return (v > best) | (isNan(v) & !isNan(best)); }
fn same(v: ${T}, best: ${T}) -> ${bool} { return (v == best) | (isNan(v) & isNan(best)); }`;
}

/** Windows that slide. */
export const slidingWindows: PoolWindows<WindowGeometry> = {
  uniforms: windowUniforms,
  numbers: windowNumbers,
  functions: '',
  over: overWindow,
  holding: (body) => overWindowsOf(body),
};
