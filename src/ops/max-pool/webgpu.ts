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

/** WGSL of the maximum. NaN is the largest, or none: a window of nothing else has the least number then. */
function largestText({ over }: Pick<PoolWindows<never>, 'over'>, skipNaN: boolean, found = ''): string {
  return `  var best = T(${skipNaN ? '-3.4028234e38' : ''});
  var first = true;
${over(`let better = ${skipNaN ? '!isNan(x[at]) & (x[at] > best)' : 'beats(x[at], best) | B(first)'};
      best = select(best, x[at], better);
      first = false;${found}`)}
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

    /** By window the place of the first that equals its maximum, then by element what the windows give that name it. */
    dx({ dy, x, y }, g, runner) {
      const [places] = runPool(
        runner,
        {
          ...{ name: `${name} places`, windows, elements: 'y', writes: ['places'], integers: ['places'], functions: nanText },
          body: `  var found = I(-1);
${windows.over('found = select(found, I(iy * u.inWidth + ix), same(x[at], y[i]) & (found < I()));')}
  places[i] = found;`,
        },
        { x: x!, y: y! },
        g,
      );
      const dx = runPool(
        runner,
        {
          ...{ name: `${name} dx`, windows, elements: 'x', writes: ['dx'], integers: ['places'] },
          body: sentText(windows, 'places', 'I(py * u.inWidth + px)'),
        },
        { dy: dy!, places: places! },
        g,
      );
      runner.dispose(places!);
      return dx;
    },
  };
}

/** WGSL: adds up dy of the windows whose place is the element's own. */
function sentText({ holding }: Pick<PoolWindows<never>, 'holding'>, places: string, own: string): string {
  return `  let own = ${own};
  var sum = T();
${holding(`sum += select(T(), dy[o], ${places}[o] == own);`)}
  dx[i] = sum;`;
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
        body: `  var spot = T();
${largestText(slidingWindows, false, '\n      spot = select(spot, T(f32(iy * u.inWidth + ix)), better);')}
  switches[i] = spot;`,
      },
      { x: x! },
      g,
    ),

  dx: ({ dy, switches }, g, runner) =>
    runPool(
      runner,
      {
        ...{ ...switched, name: 'maxPoolWithSwitches dx', elements: 'x', writes: ['dx'] },
        body: sentText(slidingWindows, 'switches', 'T(f32(py * u.inWidth + px))'),
      },
      { dy: dy!, switches: switches! },
      g,
    ),
};
