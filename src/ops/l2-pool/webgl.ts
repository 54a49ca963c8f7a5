import type { WebglRunner } from '../../backends/webgl/runner.js';
import type { WindowGeometry } from '../../geometry.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import { runPool } from '../pool/webgl.js';
import { slidingWindows as windows } from '../pool/webgl-windows.js';

const FORWARD = `  vec2 sum = vec2(0);
${windows.over('      vec2 v = xPixel(line, ix, c);\n      sum += v * v;')}
  result0 = sqrt(sum);`;

/** A window of nothing but zeros sends nothing back. */
const BACK = `  vec2 sum = vec2(0);
${windows.holding(`      vec2 share = dyPixel(line, ox, c), norm = normPixel(line, ox, c);
      sum += vec2(norm.x == 0. ? 0. : share.x / norm.x, norm.y == 0. ? 0. : share.y / norm.y);`)}
  result0 = xPixel(row, px, c) * sum;`;

export const webgl: Parts<RunnerKernel<WindowGeometry, WebglRunner>> = {
  forward: ({ x }, g, runner) =>
    runPool(runner, { name: 'CnnL2Pool forward', windows, pixels: 'y', body: FORWARD }, { likeX: { x: x! } }, g),

  dx({ dy, x, y }, g, runner) {
    const reads = { likeX: { x: x! }, likeY: { dy: dy!, norm: y! } };
    return runPool(runner, { name: 'CnnL2Pool dx', windows, pixels: 'x', body: BACK }, reads, g);
  },
};
