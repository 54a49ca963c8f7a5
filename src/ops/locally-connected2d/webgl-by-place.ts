/** Pictures as matrices, one for each place of y: rows are pictures, two a texel. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { half } from '../../backends/webgl/layout.js';
import type { WebglRunner } from '../../backends/webgl/runner.js';
import { windowInts } from '../pool/webgl-windows.js';
import type { LocallyConnected2DGeometry } from './geometry.js';

/** Where a fragment of [places, batch, columns] is. */
const placeCode = (depth: string): string => `  int rest = quotient(texel, ${depth}), c = texel - rest * ${depth};
  int place = quotient(rest, pairs), b = (rest - place * pairs) << 1;
  int oy = quotient(place, outWidth), ox = place - oy * outWidth;`;

/** Two taps of two pictures. Of an even number of channels both taps are of one pixel and lie side by side. */
const windowsCode = (
  even: boolean,
): string => `// Texel of a picture of x that a tap of the window of (oy, ox) sees, -1 where none, and which of its four.
ivec2 seen(int tap, int oy, int ox) {
  int window = quotient(tap, channels), ci = tap - window * channels;
  int ky = quotient(window, filterWidth), kx = window - ky * filterWidth;
  int iy = oy * strideHeight - padTop + ky * dilationHeight, ix = ox * strideWidth - padLeft + kx * dilationWidth;
  if (ky >= filterHeight || iy < 0 || iy >= inHeight || ix < 0 || ix >= inWidth) return ivec2(-1, 0);
  return ivec2((iy * ((inWidth + 1) >> 1) + (ix >> 1)) * inDepth + (ci >> 1), (ix & 1) * 2 + (ci & 1));
}
${
  even
    ? ''
    : `float value(ivec2 at, int picture) {
  vec4 four = x(picture + max(at.x, 0));
  vec2 two = at.y < 2 ? four.xy : four.zw;
  return at.x < 0 ? 0. : (at.y & 1) == 0 ? two.x : two.y;
}`
}
vec2 twoOf(ivec2 first, ivec2 second, int picture) {
${
  even
    ? '  vec4 four = x(picture + max(first.x, 0));\n  return first.x < 0 ? vec2(0) : first.y < 2 ? four.xy : four.zw;'
    : '  return vec2(value(first, picture), value(second, picture));'
}
}
void compute(int texel) {
${placeCode('tapDepth')}
  ivec2 first = seen(2 * c, oy, ox), second = ${even ? 'first' : 'seen(2 * c + 1, oy, ox)'};
  int each = inHeight * ((inWidth + 1) >> 1) * inDepth;
  out0 = vec4(twoOf(first, second, b * each), b + 1 < batch ? twoOf(first, second, (b + 1) * each) : vec2(0));
}`;

/** Two channels of two pictures. */
const DY = `vec2 ofPlace(int picture, int oy, int ox, int c) {
  vec4 two = dy(((picture * outHeight + oy) * ((outWidth + 1) >> 1) + (ox >> 1)) * outDepth + c);
  return (ox & 1) == 0 ? two.xy : two.zw;
}
void compute(int texel) {
${placeCode('outDepth')}
  out0 = vec4(ofPlace(b, oy, ox, c), b + 1 < batch ? ofPlace(b + 1, oy, ox, c) : vec2(0));
}`;

/** Inputs of one output of a place. */
export const taps = (g: LocallyConnected2DGeometry): number => g.filterHeight * g.filterWidth * g.inChannels;

/** The sizes as a program's numbers. */
export const placeInts = (g: LocallyConnected2DGeometry): Record<string, number> => ({
  ...windowInts(g),
  ...{ batch: g.batch, pairs: half(g.batch), channels: g.inChannels, tapDepth: half(taps(g)) },
});

/** What each place sees of each picture of x: [places, batch, taps]. */
export function windowsByPlace(runner: WebglRunner, x: TensorInfo, g: LocallyConnected2DGeometry): TensorInfo {
  const even = g.inChannels % 2 === 0;
  const [seen] = runner.run({
    name: 'CnnLocallyConnected2D windows',
    geometry: g,
    variant: String(even),
    code: () => windowsCode(even),
    inputs: { x },
    ints: placeInts(g),
    outputs: [[g.outHeight * g.outWidth, g.batch, taps(g)]],
  });
  return seen!;
}

/** dy as [places, batch, filters]. */
export function dyByPlace(runner: WebglRunner, dy: TensorInfo, g: LocallyConnected2DGeometry): TensorInfo {
  const [errors] = runner.run({
    name: 'CnnLocallyConnected2D dy by place',
    geometry: g,
    code: () => DY,
    inputs: { dy },
    ints: placeInts(g),
    outputs: [[g.outHeight * g.outWidth, g.batch, g.outChannels]],
  });
  return errors!;
}
