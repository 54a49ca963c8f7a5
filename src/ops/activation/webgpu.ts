import { launchElementwise } from '../../backends/webgpu/elementwise.js';
import type { WebgpuRunner } from '../../backends/webgpu/runner.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import type { ActivationGeometry } from './geometry.js';
import { slopeText, valueText } from './webgpu-functions.js';

/** Gated ones are given x where the others are given y. */
export const webgpu: Parts<RunnerKernel<ActivationGeometry, WebgpuRunner>> = {
  forward({ x }, g, runner) {
    const y = runner.output(g.shape);
    launchElementwise(runner, {
      ...{ name: 'activation forward', variant: g.kind, geometry: g, size: g.size, reads: { x }, writes: { y } },
      ...{ numbers: { alpha: g.alpha }, functions: (T) => valueText(T, g.kind), body: '  y[i] = value(x[i], u.alpha);' },
    });
    return [y];
  },

  dx({ dy, x, y = x }, g, runner) {
    const dx = runner.output(g.shape);
    launchElementwise(runner, {
      ...{ name: 'activation dx', variant: g.kind, geometry: g, size: g.size, reads: { dy, y }, writes: { dx } },
      ...{ numbers: { alpha: g.alpha }, functions: (T) => slopeText(T, g.kind) },
      // A slope of 0 stops dy, whatever dy is: an infinity behind a dead relu stays there.
      body: '  let s = slope(y[i], u.alpha);\n  dx[i] = select(dy[i] * s, T(), s == T());',
    });
    return [dx];
  },
};
