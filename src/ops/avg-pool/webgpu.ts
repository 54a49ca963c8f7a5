import { forEach, type Program } from '../../backends/webgpu/program.js';
import type { WebgpuRunner } from '../../backends/webgpu/runner.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import { overWindow, overWindowsOf, placeText, windowNumbers, windowUniforms } from '../pool/webgpu-windows.js';
import type { AvgPoolGeometry } from './geometry.js';

const uniforms: Program['uniforms'] = { ...windowUniforms, endHeight: 'i32', endWidth: 'i32', counted: 'i32' };

/** The numbers of a pool; where padding counts, windows end at endHeight and endWidth, else where the picture does. */
function numbers(g: AvgPoolGeometry, size: number): Record<string, number> {
  const { countIncludePad: counted } = g;
  const [endHeight, endWidth] = counted ? [g.inHeight + g.padBottom, g.inWidth + g.padRight] : [g.inHeight, g.inWidth];
  return { ...windowNumbers(g, size), endHeight, endWidth, counted: Number(counted) };
}

/** Elements of a window that count. */
const countText = `
fn reach(o: i32, stride: i32, pad: i32, window: i32, end: i32) -> i32 {
  let begin = o * stride - pad;
  return min(begin + window, end) - select(max(begin, 0), begin, u.counted == 1);
}
fn count(oy: i32, ox: i32) -> f32 {
  return f32(reach(oy, u.strideHeight, u.padTop, u.filterHeight, u.endHeight) * reach(ox, u.strideWidth, u.padLeft, u.filterWidth, u.endWidth));
}`;

/** One thread computes one mean. */
const forward = (): Program => ({
  reads: { x: 'f32' },
  writes: { y: 'f32' },
  uniforms,
  text: `${countText}
${forEach(
  'u.size',
  `${placeText('u.outHeight', 'u.outWidth')}
  var sum = 0.0;
${overWindow('sum += x[at];')}
  y[i] = sum / count(py, px);`,
)}`,
});

/** One thread adds up what the windows that hold its element give it. */
const dx = (): Program => ({
  reads: { dy: 'f32' },
  writes: { dx: 'f32' },
  uniforms,
  text: `${countText}
${forEach(
  'u.size',
  `${placeText('u.inHeight', 'u.inWidth')}
  var sum = 0.0;
${overWindowsOf('sum += dy[o] / count(oy, ox);')}
  dx[i] = sum;`,
)}`,
});

export const webgpu: Parts<RunnerKernel<AvgPoolGeometry, WebgpuRunner>> = {
  forward({ x }, g, runner) {
    const y = runner.output([g.batch, g.outHeight, g.outWidth, g.inChannels]);
    const size = g.batch * g.outHeight * g.outWidth * g.inChannels;
    runner.launchForEach(runner.program('avgPool forward', '', g, forward), { x, y }, numbers(g, size), size);
    return [y];
  },

  dx({ dy }, g, runner) {
    const result = runner.output([g.batch, g.inHeight, g.inWidth, g.inChannels]);
    const size = g.batch * g.inHeight * g.inWidth * g.inChannels;
    runner.launchForEach(runner.program('avgPool dx', '', g, dx), { dy, dx: result }, numbers(g, size), size);
    return [result];
  },
};
