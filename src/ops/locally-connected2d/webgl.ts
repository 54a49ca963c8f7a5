import { half } from '../../backends/webgl/layout.js';
import type { WebglRunner } from '../../backends/webgl/runner.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import { activateCode } from '../activation/webgl-fused.js';
import { runPool } from '../pool/webgl.js';
import { type PoolWindows, slidingWindows, windowInts } from '../pool/webgl-windows.js';
import type { LocallyConnected2DGeometry } from './geometry.js';

const windows: PoolWindows<LocallyConnected2DGeometry> = {
  ...slidingWindows,
  ints: (g) => ({
    ...windowInts(g),
    ...{ channels: g.inChannels, filters: g.outChannels, tapDepth: half(g.filterHeight * g.filterWidth * g.inChannels) },
  }),
};

/** `vec4 twoTaps(place, tap, c)`: two taps of a place's filter, two channels of y of each. An odd number of channels pairs others. */
function tapCode(evenChannels: boolean): string {
  const one = 'filterOf((place * tapDepth + (tap >> 1)) * outDepth + c)';
  if (evenChannels) return `vec4 twoTaps(int place, int tap, int c) { return ${one}; }`;
  return `vec2 oneTap(int place, int tap, int c) {
  vec4 two = ${one};
  return (tap & 1) == 0 ? two.xy : two.zw;
}
vec4 twoTaps(int place, int tap, int c) { return vec4(oneTap(place, tap, c), oneTap(place, tap + 1, c)); }`;
}

const FORWARD = `  int place = py * outWidth + px;
  vec2 sum = vec2(0);
${windows.over(`      int tap = (ky * filterWidth + kx) * channels;
      for (int k = 0; k < channels >> 1; k++) {
        vec2 v = xPixel(line, ix, k);
        vec4 f = twoTaps(place, tap + 2 * k, c);
        sum += v.x * f.xy + v.y * f.zw;
      }
      if ((channels & 1) == 1) sum += xPixel(line, ix, channels >> 1).x * twoTaps(place, tap + channels - 1, c).xy;`)}`;

const BACK = `  vec2 sum = vec2(0);
${windows.holding(`      int place = oy * outWidth + ox, tap = (ky * filterWidth + kx) * channels + 2 * c;
      for (int k = 0; k < filters >> 1; k++) {
        vec2 d = dyPixel(line, ox, k);
        vec4 f = twoTaps(place, tap, k);
        sum += d.x * f.xz + d.y * f.yw;
      }
      if ((filters & 1) == 1) sum += dyPixel(line, ox, filters >> 1).x * twoTaps(place, tap, filters >> 1).xz;`)}
  result0 = sum;`;

/** One fragment: two taps of a place's filter, two channels of y of each, over the batch. */
const DFILTER = `// Texel of a picture of x that a tap of the window of (oy, ox) sees, -1 where none, and which of its four.
ivec2 seen(int tap, int oy, int ox) {
  int window = quotient(tap, channels), ci = tap - window * channels;
  int ky = quotient(window, filterWidth), kx = window - ky * filterWidth;
  int iy = oy * strideHeight - padTop + ky * dilationHeight, ix = ox * strideWidth - padLeft + kx * dilationWidth;
  if (ky >= filterHeight || iy < 0 || iy >= inHeight || ix < 0 || ix >= inWidth) return ivec2(-1, 0);
  return ivec2((iy * ((inWidth + 1) >> 1) + (ix >> 1)) * inDepth + (ci >> 1), (ix & 1) * 2 + (ci & 1));
}
float value(ivec2 at, int picture) {
  vec4 four = x(picture + max(at.x, 0));
  vec2 two = at.y < 2 ? four.xy : four.zw;
  return at.x < 0 ? 0. : (at.y & 1) == 0 ? two.x : two.y;
}
void compute(int texel) {
  int rest = quotient(texel, outDepth), c = texel - rest * outDepth;
  int place = quotient(rest, tapDepth), tap = (rest - place * tapDepth) << 1;
  int oy = quotient(place, outWidth), ox = place - oy * outWidth, wide = (outWidth + 1) >> 1;
  ivec2 first = seen(tap, oy, ox), second = seen(tap + 1, oy, ox);
  int dyAt = (oy * wide + (ox >> 1)) * outDepth + c, xAt = 0;
  vec4 sum = vec4(0);
  for (int b = 0; b < batch; b++) {
    vec4 four = dy(dyAt);
    vec2 d = (ox & 1) == 0 ? four.xy : four.zw;
    sum += vec4(value(first, xAt) * d, value(second, xAt) * d);
    dyAt += outHeight * wide * outDepth;
    xAt += inHeight * ((inWidth + 1) >> 1) * inDepth;
  }
  out0 = sum;
}`;

/** One fragment adds up its texel of all pictures. */
const DBIAS = `void compute(int texel) {
  vec4 sum = vec4(0);
  for (int b = 0; b < batch; b++) sum += dy(b * texels + texel);
  out0 = sum;
}`;

const NAME = 'CnnLocallyConnected2D';
const isEven = (g: LocallyConnected2DGeometry): boolean => g.inChannels % 2 === 0;

/** x, dx [batch, inHeight, inWidth, channels]; filter [outHeight, outWidth, taps, filters]; y, dy [batch, outHeight, outWidth, filters]. */
export const webgl: Parts<RunnerKernel<LocallyConnected2DGeometry, WebglRunner>> = {
  forward({ x, filter, bias }, g, runner) {
    const sum = bias ? 'sum + biasPixel(py, px, c)' : 'sum';
    const part = {
      ...{ name: `${NAME} forward`, variant: `${isEven(g)} ${g.activation}`, windows, pixels: 'y' as const },
      functions: `${activateCode(g.activation)}\n${tapCode(isEven(g))}`,
      body: `${FORWARD}\n  result0 = activate((${sum}).xyxy).xy;`,
    };
    return runPool(runner, part, { likeX: { x: x! }, likeY: bias && { bias }, others: { filterOf: filter! } }, g);
  },

  dx({ dy, filter }, g, runner) {
    const name = { name: `${NAME} dx`, variant: String(isEven(g)) };
    const part = { ...name, windows, pixels: 'x' as const, functions: tapCode(isEven(g)), body: BACK };
    return runPool(runner, part, { likeY: { dy: dy! }, others: { filterOf: filter! } }, g);
  },

  dfilter: ({ x, dy }, g, runner) =>
    runner.run({
      ...{ name: `${NAME} dfilter`, geometry: g, code: () => DFILTER, inputs: { x: x!, dy: dy! } },
      ints: { ...windows.ints(g), batch: g.batch },
      outputs: [[g.outHeight, g.outWidth, g.filterHeight * g.filterWidth * g.inChannels, g.outChannels]],
    }),

  dbias: ({ dy }, g, runner) =>
    runner.run({
      ...{ name: `${NAME} dbias`, geometry: g, code: () => DBIAS, inputs: { dy: dy! } },
      ints: { batch: g.batch, texels: g.outHeight * half(g.outWidth) * half(g.outChannels) },
      outputs: [[g.outHeight, g.outWidth, g.outChannels]],
    }),
};
