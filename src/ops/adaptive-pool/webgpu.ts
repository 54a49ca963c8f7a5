import { averageOver } from '../avg-pool/webgpu.js';
import { maxOver } from '../max-pool/webgpu.js';
import type { PoolWindows } from '../pool/webgpu-windows.js';
import type { AdaptivePoolGeometry } from './geometry.js';

/** WGSL: loops over the bin of (py, px): o of so many in a row or column, and the element of each pair. */
const overBin = (y: string, x: string, side: string, otherSide: string, at: string, body: string): string => `
  for (var ${y} = binBegin(py, u.${side}Height, u.${otherSide}Height); ${y} < binEnd(py, u.${side}Height, u.${otherSide}Height); ${y}++) {
    for (var ${x} = binBegin(px, u.${side}Width, u.${otherSide}Width); ${x} < binEnd(px, u.${side}Width, u.${otherSide}Width); ${x}++) {
      let ${at} = ((picture * u.${otherSide}Height + ${y}) * u.${otherSide}Width + ${x}) * u.channels + c;
      ${body}
    }
  }`;

/**
 * Bin o of `out` is [floor(o size / out), ceil((o + 1) size / out)). It holds i just where i's bin of `size` over `out` holds o: the
 * way back runs over bins, too.
 */
const bins: PoolWindows<AdaptivePoolGeometry> = {
  uniforms: { size: 'u32', inHeight: 'i32', inWidth: 'i32', channels: 'i32', outHeight: 'i32', outWidth: 'i32' },
  numbers: ({ inHeight, inWidth, inChannels: channels, outHeight, outWidth }, size) => ({
    ...{ size, inHeight, inWidth, channels, outHeight, outWidth },
  }),
  // Of o size only what is left of whole pixels a bin is multiplied, so that sides up to 65536 do not overflow.
  functions: `
fn binBegin(o: i32, out: i32, size: i32) -> i32 {
  return o * (size / out) + i32(u32(o) * u32(size % out) / u32(out));
}
fn binEnd(o: i32, out: i32, size: i32) -> i32 {
  return (o + 1) * (size / out) + i32((u32(o + 1) * u32(size % out) + u32(out - 1)) / u32(out));
}
fn count(oy: i32, ox: i32) -> f32 {
  let tall = binEnd(oy, u.outHeight, u.inHeight) - binBegin(oy, u.outHeight, u.inHeight);
  return f32(tall * (binEnd(ox, u.outWidth, u.inWidth) - binBegin(ox, u.outWidth, u.inWidth)));
}`,
  over: (body) => overBin('iy', 'ix', 'out', 'in', 'at', body),
  holding: (body) => overBin('oy', 'ox', 'in', 'out', 'o', body),
};

/** The loops of avgPool over adaptive bins. */
export const averageWebgpu = averageOver('adaptiveAvgPool', bins);

/** The loops of maxPool over adaptive bins. */
export const maxWebgpu = maxOver('adaptiveMaxPool', bins);
