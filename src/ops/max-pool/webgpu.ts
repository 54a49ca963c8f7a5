import type { WebgpuRunner } from '../../backends/webgpu/runner.js';
import type { WindowGeometry } from '../../geometry.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import type { PoolSizes } from '../pool/axis.js';
import { runPool } from '../pool/webgpu.js';
import { nanText, type PoolWindows, slidingWindows } from '../pool/webgpu-windows.js';

/** Sizes of a maximum that may pass over NaN, as tfjs's does. */
interface MaxSizes extends PoolSizes {
  readonly skipNaN?: boolean;
}

/** NaN is the largest, or none: a window of nothing else has the least number then. */
function largestText({ over }: Pick<PoolWindows<never>, 'over'>, skipNaN: boolean, found = ''): string {
  const better = skipNaN ? '!isNan(x[at]) && x[at] > best' : '!found || beats(x[at], best)';
  return `  var best = ${skipNaN ? '-3.4028234e38' : '0.0'};
  var found = false;
${over(`if (${better}) { best = x[at]; found = true; ${found}}`)}
  y[i] = best;`;
}

/** Max pooling. */
export function maxOver<Geometry extends MaxSizes>(
  name: string,
  windows: PoolWindows<Geometry>,
): Parts<RunnerKernel<Geometry, WebgpuRunner>> {
  return {
    /** One thread computes one maximum. */
    forward({ x }, g, runner) {
      const { skipNaN = false } = g;
      return runPool(
        runner,
        {
          ...{ name: `${name} forward`, variant: skipNaN ? 'passing over NaN' : '', windows, elements: 'y', writes: ['y'] },
          ...{ functions: nanText, body: largestText(windows, skipNaN) },
        },
        { x: x! },
        g,
      );
    },

    /** One thread asks every window that holds its element whether it is the first of the largest there. */
    dx: ({ dy, x, y }, g, runner) =>
      runPool(
        runner,
        {
          ...{ name: `${name} dx`, windows, elements: 'x', writes: ['dx'] },
          functions: `${nanText}
// Whether an element of the window before the pixel (toY, toX) equals its maximum.
fn earlier(picture: i32, py: i32, px: i32, c: i32, toY: i32, toX: i32, best: f32) -> bool {
${windows.over(`if (iy > toY || (iy == toY && ix >= toX)) { return false; }
      if (same(x[at], best)) { return true; }`)}
  return false;
}`,
          body: `  var sum = 0.0;
${windows.holding('if (same(x[i], y[o]) && !earlier(picture, oy, ox, c, py, px, y[o])) { sum += dy[o]; }')}
  dx[i] = sum;`,
        },
        { dy: dy!, x: x!, y: y! },
        g,
      ),
  };
}

export const webgpu = maxOver<WindowGeometry & MaxSizes>('maxPool', slidingWindows);

const switched = { windows: slidingWindows, functions: nanText } as const;

/** With the place of each maximum beside it: the way back only looks at these. */
export const switchesWebgpu: Parts<RunnerKernel<WindowGeometry, WebgpuRunner>> = {
  forward: ({ x }, g, runner) =>
    runPool(
      runner,
      {
        ...{ ...switched, name: 'maxPoolWithSwitches forward', elements: 'y', writes: ['y', 'switches'] },
        body: `  var spot = 0;
${largestText(slidingWindows, false, 'spot = iy * u.inWidth + ix; ')}
  switches[i] = f32(spot);`,
      },
      { x: x! },
      g,
    ),

  /** One thread adds up dy of the windows whose switch is its element. */
  dx: ({ dy, switches }, g, runner) =>
    runPool(
      runner,
      {
        ...{ ...switched, name: 'maxPoolWithSwitches dx', elements: 'x', writes: ['dx'] },
        body: `  let own = f32(py * u.inWidth + px);
  var sum = 0.0;
${slidingWindows.holding('if (switches[o] == own) { sum += dy[o]; }')}
  dx[i] = sum;`,
      },
      { dy: dy!, switches: switches! },
      g,
    ),
};
