import type { TensorInfo } from '@tensorflow/tfjs-core';
import { half } from '../../backends/webgl/layout.js';
import type { WebglRunner } from '../../backends/webgl/runner.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import { activateCode } from '../activation/webgl-fused.js';
import { gemm, type WebglGemm } from '../gemm/webgl.js';
import { runPool } from '../pool/webgl.js';
import { type PoolWindows, slidingWindows } from '../pool/webgl-windows.js';
import type { LocallyConnected2DGeometry } from './geometry.js';
import { dyByPlace, placeInts, taps, windowsByPlace } from './webgl-by-place.js';

const NAME = 'CnnLocallyConnected2D';

const windows: PoolWindows<LocallyConnected2DGeometry> = { ...slidingWindows, ints: placeInts };

/** Two neighbours of a picture in the product of a place. */
const OF_PICTURE = `vec2 ofPicture(int place, int picture, int depth, int c) {
  vec4 two = product((place * pairs + (picture >> 1)) * depth + c);
  return (picture & 1) == 0 ? two.xy : two.zw;
}`;

/** Two taps; of an odd number of channels they may lie in two texels. */
const twoTaps = (even: boolean): string =>
  even
    ? 'vec2 twoTaps(int place, int picture, int tap) { return ofPicture(place, picture, tapDepth, tap >> 1); }'
    : `vec2 twoTaps(int place, int picture, int tap) {
  vec2 first = ofPicture(place, picture, tapDepth, tap >> 1);
  return (tap & 1) == 0 ? first : vec2(first.y, ofPicture(place, picture, tapDepth, (tap + 1) >> 1).x);
}`;

/** A product of matrices for each place; what it was made of is let go. */
function products(
  runner: WebglRunner,
  g: LocallyConnected2DGeometry,
  part: string,
  product: Pick<WebglGemm, 'a' | 'b' | 'm' | 'n' | 'k' | 'transposeA' | 'transposeB'>,
  made: readonly TensorInfo[],
): TensorInfo {
  const result = gemm(runner, { name: `${NAME} ${part}`, geometry: g, batch: g.outHeight * g.outWidth, ...product });
  runner.dispose(...made);
  return result;
}

/** One fragment adds up its texel of all pictures. */
const DBIAS = `void compute(int texel) {
  vec4 sum = vec4(0);
  for (int b = 0; b < batch; b++) sum += dy(b * texels + texel);
  out0 = sum;
}`;

/**
 * A product of matrices for each place of y: what it sees of every picture, unfolded, by its filter.
 * x, dx [batch, inHeight, inWidth, channels]; filter [outHeight, outWidth, taps, filters]; y, dy [batch, outHeight, outWidth, filters].
 */
export const webgl: Parts<RunnerKernel<LocallyConnected2DGeometry, WebglRunner>> = {
  forward({ x, filter, bias }, g, runner) {
    const seen = windowsByPlace(runner, x!, g);
    const sizes = { m: g.batch, n: g.outChannels, k: taps(g) };
    const product = products(runner, g, 'forward', { a: seen, b: filter!, ...sizes }, [seen]);
    const z = `ofPicture(py * outWidth + px, picture, outDepth, c)${bias ? ' + biasPixel(py, px, c)' : ''}`;
    const part = {
      ...{ name: `${NAME} forward, finished`, variant: g.activation, windows, pixels: 'y' as const },
      functions: `${activateCode(g.activation)}\n${OF_PICTURE}`,
      body: `  result0 = activate((${z}).xyxy).xy;`,
    };
    const y = runPool(runner, part, { ...(bias && { likeY: { bias } }), others: { product } }, g);
    runner.dispose(product);
    return y;
  },

  dx({ dy, filter }, g, runner) {
    const errors = dyByPlace(runner, dy!, g);
    const sizes = { m: g.batch, n: taps(g), k: g.outChannels, transposeB: true };
    const product = products(runner, g, 'dx', { a: errors, b: filter!, ...sizes }, [errors]);
    const even = g.inChannels % 2 === 0;
    const tap = '(ky * filterWidth + kx) * channels + 2 * c';
    const part = {
      ...{ name: `${NAME} dx, sums`, variant: String(even), windows, pixels: 'x' as const },
      functions: `${OF_PICTURE}\n${twoTaps(even)}`,
      body: `  result0 = vec2(0);\n${windows.holding(`      result0 += twoTaps(oy * outWidth + ox, picture, ${tap});`)}`,
    };
    const dx = runPool(runner, part, { others: { product } }, g);
    runner.dispose(product);
    return dx;
  },

  dfilter({ x, dy }, g, runner) {
    const [seen, errors] = [windowsByPlace(runner, x!, g), dyByPlace(runner, dy!, g)];
    const sizes = { m: taps(g), n: g.outChannels, k: g.batch, transposeA: true };
    const dfilter = products(runner, g, 'dfilter', { a: seen, b: errors, ...sizes }, [seen, errors]);
    return [{ ...dfilter, shape: [g.outHeight, g.outWidth, taps(g), g.outChannels] }];
  },

  dbias: ({ dy }, g, runner) =>
    runner.run({
      ...{ name: `${NAME} dbias`, geometry: g, code: () => DBIAS, inputs: { dy: dy! } },
      ints: { batch: g.batch, texels: g.outHeight * half(g.outWidth) * half(g.outChannels) },
      outputs: [[g.outHeight, g.outWidth, g.outChannels]],
    }),
};
