import { forEach, type Program } from '../../backends/webgpu/program.js';
import type { WebgpuRunner } from '../../backends/webgpu/runner.js';
import type { WindowGeometry } from '../../geometry.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import { nanText, overWindow, overWindowsOf, placeText, windowNumbers, windowUniforms } from '../pool/webgpu-windows.js';

/** Geometry of a maximum that may pass over NaN, as tfjs's does. */
interface MaxGeometry extends WindowGeometry {
  readonly skipNaN?: boolean;
}

/** One thread computes one maximum; NaN is the largest, or none: a window of nothing else has the least number then. */
const forward = (skipNaN: boolean): Program => ({
  reads: { x: 'f32' },
  writes: { y: 'f32' },
  uniforms: windowUniforms,
  text: `${nanText}
${forEach(
  'u.size',
  `${placeText('u.outHeight', 'u.outWidth')}
  var best = ${skipNaN ? '-3.4028234e38' : '0.0'};
  var found = false;
${overWindow(`if (${skipNaN ? '!isNan(x[at]) && x[at] > best' : '!found || beats(x[at], best)'}) { best = x[at]; found = true; }`)}
  y[i] = best;`,
)}`,
});

/** One thread asks every window that holds its element whether it is the first of the largest there. */
const dx = (): Program => ({
  reads: { dy: 'f32', x: 'f32', y: 'f32' },
  writes: { dx: 'f32' },
  uniforms: windowUniforms,
  text: `${nanText}
// Whether an element before tap (toY, toX) of the window equals its maximum.
fn earlier(picture: i32, py: i32, px: i32, c: i32, toY: i32, toX: i32, best: f32) -> bool {
${overWindow(`if (ky > toY || (ky == toY && kx >= toX)) { return false; }
      if (same(x[at], best)) { return true; }`)}
  return false;
}
${forEach(
  'u.size',
  `${placeText('u.inHeight', 'u.inWidth')}
  var sum = 0.0;
${overWindowsOf('if (same(x[i], y[o]) && !earlier(picture, oy, ox, c, ky, kx, y[o])) { sum += dy[o]; }')}
  dx[i] = sum;`,
)}`,
});

export const webgpu: Parts<RunnerKernel<MaxGeometry, WebgpuRunner>> = {
  forward({ x }, g, runner) {
    const { skipNaN = false } = g;
    const y = runner.output([g.batch, g.outHeight, g.outWidth, g.inChannels]);
    const size = g.batch * g.outHeight * g.outWidth * g.inChannels;
    const program = runner.program('maxPool forward', skipNaN ? 'passing over NaN' : '', g, () => forward(skipNaN));
    runner.launchForEach(program, { x, y }, windowNumbers(g, size), size);
    return [y];
  },

  dx({ dy, x, y }, g, runner) {
    const result = runner.output([g.batch, g.inHeight, g.inWidth, g.inChannels]);
    const size = g.batch * g.inHeight * g.inWidth * g.inChannels;
    const program = runner.program('maxPool dx', '', g, dx);
    runner.launchForEach(program, { dy, x, y, dx: result }, windowNumbers(g, size), size);
    return [result];
  },
};
