import type { WebgpuRunner } from '../../backends/webgpu/runner.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import type { PoolSizes } from '../pool/axis.js';
import { runPool } from '../pool/webgpu.js';
import { type PoolWindows, slidingWindows } from '../pool/webgpu-windows.js';
import type { AvgPoolGeometry } from './geometry.js';

/** Average pooling over windows whose functions have `count(oy, ox)`, the pixels that a window's sum is divided by. */
export function averageOver<Geometry extends PoolSizes>(
  name: string,
  windows: PoolWindows<Geometry>,
): Parts<RunnerKernel<Geometry, WebgpuRunner>> {
  return {
    /** One thread computes a mean. */
    forward: ({ x }, g, runner) =>
      runPool(
        runner,
        {
          ...{ name: `${name} forward`, windows, elements: 'y', writes: ['y'] },
          body: `  var sum = T();
${windows.over('sum += x[at];')}
  y[i] = sum / count(py, px);`,
        },
        { x: x! },
        g,
      ),

    /** One thread adds up what the windows that hold its element give it. */
    dx: ({ dy }, g, runner) =>
      runPool(
        runner,
        {
          ...{ name: `${name} dx`, windows, elements: 'x', writes: ['dx'] },
          body: `  var sum = T();
${windows.holding('sum += dy[o] / count(oy, ox);')}
  dx[i] = sum;`,
        },
        { dy: dy! },
        g,
      ),
  };
}

/** Where padding counts, windows end at endHeight and endWidth, else where the picture does. */
const counting: PoolWindows<AvgPoolGeometry> = {
  ...slidingWindows,
  uniforms: { ...slidingWindows.uniforms, endHeight: 'i32', endWidth: 'i32', counted: 'i32' },
  numbers(g, size) {
    const { countIncludePad: counted } = g;
    const [endHeight, endWidth] = counted ? [g.inHeight + g.padBottom, g.inWidth + g.padRight] : [g.inHeight, g.inWidth];
    return { ...slidingWindows.numbers(g, size), endHeight, endWidth, counted: Number(counted) };
  },
  functions: `
fn reach(o: i32, stride: i32, pad: i32, window: i32, end: i32) -> i32 {
  let begin = o * stride - pad;
  return min(begin + window, end) - select(max(begin, 0), begin, u.counted == 1);
}
fn count(oy: i32, ox: i32) -> f32 {
  return f32(reach(oy, u.strideHeight, u.padTop, u.filterHeight, u.endHeight) * reach(ox, u.strideWidth, u.padLeft, u.filterWidth, u.endWidth));
}`,
};

export const webgpu = averageOver('avgPool', counting);
