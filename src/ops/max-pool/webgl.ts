import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { WebglRunner } from '../../backends/webgl/runner.js';
import type { WindowGeometry } from '../../geometry.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import { forEachWindow, IS_NAN, pixelCode, REACH, twoPixels, windowInts } from '../pool/webgl.js';

/** Geometry of a maximum that may pass over NaN, as tfjs's does. */
interface MaxGeometry extends WindowGeometry {
  readonly skipNaN?: boolean;
}

/** `best` and, as numbers of places in the window, `place`: the first of the largest, NaN being the largest or none. */
function maximum(skipNaN: boolean): string {
  const better = (lane: string) =>
    `if (v.${lane} > best.${lane} || place.${lane} < 0.${skipNaN ? '' : ` || (isNaN(v.${lane}) && !isNaN(best.${lane}))`}) {
        best.${lane} = v.${lane};
        place.${lane} = at;
      }`;
  return `${IS_NAN}
${pixelCode('x', 'inWidth')}
void largest(int line, int column, int c, out vec2 best, out vec2 place) {
  int picture = quotient(line, outHeight), top = (line - picture * outHeight) * strideHeight - padTop;
  int left = column * strideWidth - padLeft;
  best = vec2(0);
  place = vec2(-1);
  for (int ky = 0; ky < filterHeight; ky++) {
    int iy = top + ky * dilationHeight;
    if (iy < 0 || iy >= inHeight) continue;
    for (int kx = 0; kx < filterWidth; kx++) {
      int ix = left + kx * dilationWidth;
      if (ix < 0 || ix >= inWidth) continue;
      vec2 v = xPixel(picture * inHeight + iy, ix, c);
      float at = float(ky * filterWidth + kx);
      ${skipNaN ? 'if (isNaN(v.x)) v.x = -3.4028235e38;\n      if (isNaN(v.y)) v.y = -3.4028235e38;\n      ' : ''}${better('x')}
      ${better('y')}
    }
  }
}
vec2 pixel(int line, int column, int c) {
  vec2 best, place;
  largest(line, column, c, best, place);`;
}

/** What the windows that hold a pixel send back to it: dy, where its place is the largest's. */
const BACK = `${REACH}
${pixelCode('dy', 'outWidth')}
${pixelCode('place', 'outWidth')}
vec2 pixel(int line, int column, int c) {
  int picture = quotient(line, inHeight), y = line - picture * inHeight;
  vec2 sum = vec2(0);
${forEachWindow(`      int window = picture * outHeight + oy;
      vec2 at = placePixel(window, ox, c);
      vec2 share = dyPixel(window, ox, c);
      float mine = float(ky * filterWidth + kx);
      if (at.x == mine) sum.x += share.x;
      if (at.y == mine) sum.y += share.y;`)}
  return sum;
}
${twoPixels('inWidth')}`;

/** Largest values, or the places of the largest: one fragment finds two pixels of two channels each. */
function overWindows(runner: WebglRunner, x: TensorInfo, g: MaxGeometry, what: 'best' | 'place'): TensorInfo {
  const { skipNaN = false } = g;
  const [made] = runner.run({
    name: `CnnMaxPool ${what === 'best' ? 'forward' : 'places'}`,
    geometry: g,
    variant: String(skipNaN),
    code: () => `${maximum(skipNaN)}\n  return ${what};\n}\n${twoPixels('outWidth')}`,
    inputs: { x },
    ints: windowInts(g),
    outputs: [[g.batch, g.outHeight, g.outWidth, g.outChannels]],
  });
  return made!;
}

export const webgl: Parts<RunnerKernel<MaxGeometry, WebglRunner>> = {
  forward: ({ x }, g, runner) => [overWindows(runner, x!, g, 'best')],

  // The places are found once for each window, not once for each pixel of each window.
  dx({ dy, x }, g, runner) {
    const place = overWindows(runner, x!, g, 'place');
    const made = runner.run({
      name: 'CnnMaxPool dx',
      geometry: g,
      code: () => BACK,
      inputs: { dy: dy!, place },
      ints: windowInts(g),
      outputs: [[g.batch, g.inHeight, g.inWidth, g.inChannels]],
    });
    runner.dispose(place);
    return made;
  },
};
