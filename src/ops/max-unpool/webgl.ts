import type { TensorInfo } from '@tensorflow/tfjs-core';
import { half } from '../../backends/webgl/layout.js';
import type { WebglRunner } from '../../backends/webgl/runner.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import type { MaxUnpoolGeometry } from './geometry.js';

/** Whether a switch names a place. It may hold anything; of NaN each comparison is false. */
const NAMES_PLACE = 'bool namesPlace(float s) { return s >= 0. && s < places && s == floor(s); }';

/** One fragment: of a row of switches, two channels, the first and the last place that it names. */
const RANGES = `${NAMES_PLACE}
void grow(float s, inout float first, inout float last) {
  if (!namesPlace(s)) return;
  first = min(first, s);
  last = max(last, s);
}
void compute(int texel) {
  int line = quotient(texel, depth), c = texel - line * depth, texels = (inWidth + 1) >> 1;
  vec2 first = vec2(places), last = vec2(-1);
  for (int k = 0; k < texels; k++) {
    vec4 s = switches((line * texels + k) * depth + c);
    grow(s.x, first.x, last.x);
    grow(s.y, first.y, last.y);
    if (2 * k + 1 == inWidth) continue;
    grow(s.z, first.x, last.x);
    grow(s.w, first.y, last.y);
  }
  out0 = vec4(first, last);
}`;

/**
 * One fragment gathers what is sent to two pixels, two channels of each: of every row of x that may send there, each value whose switch
 * says so, in order. A pool's rows name few places each, so that most rows are passed over.
 */
const FORWARD = `vec2 sent(vec4 s, vec4 v, float place, bool two) {
  vec2 sum = vec2(s.x == place ? v.x : 0., s.y == place ? v.y : 0.);
  return two ? sum + vec2(s.z == place ? v.z : 0., s.w == place ? v.w : 0.) : sum;
}
void compute(int texel) {
  int rest = quotient(texel, depth), c = texel - rest * depth;
  int wide = (outWidth + 1) >> 1, row = quotient(rest, wide), column = (rest - row * wide) << 1;
  int picture = quotient(row, outHeight), texels = (inWidth + 1) >> 1;
  float left = float((row - picture * outHeight) * outWidth + column), right = left + 1.;
  vec4 sum = vec4(0);
  for (int line = picture * inHeight; line < (picture + 1) * inHeight; line++) {
    vec4 range = ranges(line * depth + c);
    if (range.x > right && range.y > right || range.z < left && range.w < left) continue;
    for (int k = 0; k < texels; k++) {
      int at = (line * texels + k) * depth + c;
      vec4 s = switches(at), v = x(at);
      bool two = 2 * k + 1 < inWidth;
      sum += vec4(sent(s, v, left, two), sent(s, v, right, two));
    }
  }
  out0 = sum;
}`;

/** One fragment fetches dy of the places that its switches name. */
const BACK = `${NAMES_PLACE}
float fetched(float s, int picture, int c, bool second) {
  if (!namesPlace(s)) return 0.;
  int place = int(s), row = place / outWidth, column = place - row * outWidth;
  vec4 two = dy(((picture * outHeight + row) * ((outWidth + 1) >> 1) + (column >> 1)) * depth + c);
  vec2 pixel = (column & 1) == 0 ? two.xy : two.zw;
  return second ? pixel.y : pixel.x;
}
void compute(int texel) {
  int rest = quotient(texel, depth), c = texel - rest * depth;
  int picture = quotient(rest, inHeight * ((inWidth + 1) >> 1));
  vec4 s = switches(texel);
  out0 = vec4(fetched(s.x, picture, c, false), fetched(s.y, picture, c, true), fetched(s.z, picture, c, false),
    fetched(s.w, picture, c, true));
}`;

const numbers = ({ inHeight, inWidth, channels, outHeight, outWidth }: MaxUnpoolGeometry) => ({
  ints: { inHeight, inWidth, outHeight, outWidth, depth: half(channels) },
  floats: { places: outHeight * outWidth },
});

/** x, switches, dx [batch, inHeight, inWidth, channels]; y, dy [batch, outHeight, outWidth, channels]. */
export const webgl: Parts<RunnerKernel<MaxUnpoolGeometry, WebglRunner>> = {
  forward({ x, switches }, g, runner) {
    const [ranges] = runner.run({
      ...{ name: 'CnnMaxUnpool2D ranges', geometry: g, code: () => RANGES, inputs: { switches: switches! }, ...numbers(g) },
      outputs: [[g.batch * g.inHeight * half(g.channels), 2, 2]],
    }) as [TensorInfo];
    const y = runner.run({
      ...{ name: 'CnnMaxUnpool2D forward', geometry: g, code: () => FORWARD, ...numbers(g) },
      inputs: { x: x!, switches: switches!, ranges },
      outputs: [[g.batch, g.outHeight, g.outWidth, g.channels]],
    });
    runner.dispose(ranges);
    return y;
  },

  dx: ({ dy, switches }, g, runner) =>
    runner.run({
      ...{ name: 'CnnMaxUnpool2D dx', geometry: g, code: () => BACK, ...numbers(g) },
      inputs: { dy: dy!, switches: switches! },
      outputs: [[g.batch, g.inHeight, g.inWidth, g.channels]],
    }),
};
