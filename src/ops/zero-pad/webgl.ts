import type { WebglRunner } from '../../backends/webgl/runner.js';
import type { WindowGeometry } from '../../geometry.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import { runPool } from '../pool/webgl.js';
import { slidingWindows as windows } from '../pool/webgl-windows.js';

const FORWARD = `  int iy = py - padTop, ix = px - padLeft;
  bool inside = iy >= 0 && iy < inHeight && ix >= 0 && ix < inWidth;
  result0 = inside ? xPixel(picture * inHeight + iy, ix, c) : vec2(0);`;

const BACK = '  result0 = dyPixel(picture * outHeight + py + padTop, px + padLeft, c);';

export const webgl: Parts<RunnerKernel<WindowGeometry, WebglRunner>> = {
  forward: ({ x }, g, runner) =>
    runPool(runner, { name: 'CnnZeroPad2D forward', windows, pixels: 'y', body: FORWARD }, { likeX: { x: x! } }, g),

  dx: ({ dy }, g, runner) =>
    runPool(runner, { name: 'CnnZeroPad2D dx', windows, pixels: 'x', body: BACK }, { likeY: { dy: dy! } }, g),
};
