import type { WebglRunner } from '../../backends/webgl/runner.js';
import type { WindowGeometry } from '../../geometry.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import { runPool } from '../pool/webgl.js';
import { slidingWindows as windows } from '../pool/webgl-windows.js';

/** Windows of one pixel: in each lies a pixel of the picture, or none. */
export const webgl: Parts<RunnerKernel<WindowGeometry, WebglRunner>> = {
  forward({ x }, g, runner) {
    const body = `  result0 = vec2(0);\n${windows.over('      result0 = xPixel(line, ix, c);')}`;
    return runPool(runner, { name: 'CnnZeroPad2D forward', windows, pixels: 'y', body }, { likeX: { x: x! } }, g);
  },

  dx({ dy }, g, runner) {
    const body = `  result0 = vec2(0);\n${windows.holding('      result0 = dyPixel(line, ox, c);')}`;
    return runPool(runner, { name: 'CnnZeroPad2D dx', windows, pixels: 'x', body }, { likeY: { dy: dy! } }, g);
  },
};
