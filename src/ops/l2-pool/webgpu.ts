import type { WebgpuRunner } from '../../backends/webgpu/runner.js';
import type { WindowGeometry } from '../../geometry.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import { runPool } from '../pool/webgpu.js';
import { slidingWindows as windows } from '../pool/webgpu-windows.js';

export const webgpu: Parts<RunnerKernel<WindowGeometry, WebgpuRunner>> = {
  /** One thread computes one norm. */
  forward: ({ x }, g, runner) =>
    runPool(
      runner,
      {
        ...{ name: 'l2Pool forward', windows, elements: 'y', writes: ['y'] },
        body: `  var sum = T();
${windows.over('sum = fma(x[at], x[at], sum);')}
  y[i] = sqrt(sum);`,
      },
      { x: x! },
      g,
    ),

  /** One thread adds up dy / y of the windows that hold its element; those of nothing but zeros give nothing. */
  dx: ({ dy, x, y }, g, runner) =>
    runPool(
      runner,
      {
        ...{ name: 'l2Pool dx', windows, elements: 'x', writes: ['dx'] },
        body: `  var sum = T();
${windows.holding('sum += select(T(), dy[o] / y[o], y[o] != T());')}
  dx[i] = x[i] * sum;`,
      },
      { dy: dy!, x: x!, y: y! },
      g,
    ),
};
