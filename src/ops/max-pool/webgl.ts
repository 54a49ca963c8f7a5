import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { WebglRunner } from '../../backends/webgl/runner.js';
import type { WindowGeometry } from '../../geometry.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import { runPool } from '../pool/webgl.js';
import { LOOK } from '../pool/webgl-largest.js';
import { type PoolWindows, slidingWindows, type WindowSizes } from '../pool/webgl-windows.js';

/** Geometry of a maximum that may pass over NaN, as tfjs's does. */
interface MaxGeometry extends WindowGeometry {
  readonly skipNaN?: boolean;
}

/** A number for each element of a window, from both sides: where a loop runs over it, and where it asks a window that holds it. */
interface Places {
  readonly over: string;
  readonly holding: string;
}

/** Its place in the window, which float32 counts in pictures of every size. */
const inWindow: Places = { over: 'ky * filterWidth + kx', holding: 'ky * filterWidth + kx' };

/** Its place in the picture, of at most 2^24 pixels. */
const inPicture: Places = { over: 'iy * inWidth + ix', holding: 'py * inWidth + px' };

/** The first of the largest, NaN being the largest or none: `best`, and its number `place`. */
function largest({ over }: Pick<PoolWindows<never>, 'over'>, places: Places, skipNaN: boolean): string {
  const look = (lane: string) => {
    const v = skipNaN ? `isNaN(v.${lane}) ? -3.4028235e38 : v.${lane}` : `v.${lane}`;
    return `      look(${v}, at, best.${lane}, place.${lane});`;
  };
  const body = `      vec2 v = xPixel(line, ix, c);\n      float at = float(${places.over});\n${look('x')}\n${look('y')}`;
  return `  vec2 best = vec2(0), place = vec2(-1);\n${over(body)}`;
}

/** Largest values of the windows of x, their places, or both in that order. */
function overWindows<Geometry extends WindowSizes>(
  runner: WebglRunner,
  op: string,
  windows: PoolWindows<Geometry>,
  places: Places,
  x: TensorInfo,
  g: Geometry,
  wanted: readonly ('best' | 'place')[],
): TensorInfo[] {
  const { skipNaN = false } = g as { skipNaN?: boolean };
  const results = wanted.map((what, i) => `  result${i} = ${what};`);
  const part = {
    ...{ name: `${op} ${wanted}`, variant: String(skipNaN), windows, pixels: 'y' as const, outputs: wanted.length },
    functions: LOOK,
    body: [largest(windows, places, skipNaN), ...results].join('\n'),
  };
  return runPool(runner, part, { likeX: { x } }, g);
}

/** What the windows that hold a pixel send back to it: dy, where its place is the largest's. */
function sentBack<Geometry extends WindowSizes>(
  runner: WebglRunner,
  op: string,
  windows: PoolWindows<Geometry>,
  { holding }: Places,
  reads: { dy: TensorInfo; place: TensorInfo },
  g: Geometry,
): TensorInfo[] {
  const body = `  vec2 sum = vec2(0);
${windows.holding(`      vec2 at = placePixel(line, ox, c), share = dyPixel(line, ox, c);
      float mine = float(${holding});
      if (at.x == mine) sum.x += share.x;
      if (at.y == mine) sum.y += share.y;`)}
  result0 = sum;`;
  return runPool(runner, { name: `${op} dx`, windows, pixels: 'x', body }, { likeY: reads }, g);
}

/**
 * The largest of each window, and back. The places are found once for each window, not once for each pixel of each window.
 * @param op its name
 */
export function maxOver<Geometry extends WindowSizes>(
  op: string,
  windows: PoolWindows<Geometry>,
  places: Places = inPicture,
): Parts<RunnerKernel<Geometry, WebglRunner>> {
  return {
    forward: ({ x }, g, runner) => overWindows(runner, op, windows, places, x!, g, ['best']),
    dx({ dy, x }, g, runner) {
      const [place] = overWindows(runner, op, windows, places, x!, g, ['place']) as [TensorInfo];
      const dx = sentBack(runner, op, windows, places, { dy: dy!, place }, g);
      runner.dispose(place);
      return dx;
    },
  };
}

export const webgl = maxOver<MaxGeometry>('CnnMaxPool', slidingWindows, inWindow);

/** Switches are places in the picture. */
export const switchesWebgl: Parts<RunnerKernel<WindowGeometry, WebglRunner>> = {
  forward: ({ x }, g, runner) =>
    overWindows(runner, 'CnnMaxPoolWithSwitches', slidingWindows, inPicture, x!, g, ['best', 'place']),
  dx: ({ dy, switches }, g, runner) =>
    sentBack(runner, 'CnnMaxPoolWithSwitches', slidingWindows, inPicture, { dy: dy!, place: switches! }, g),
};
