import { columnSums } from '../../backends/webgpu/column-sums.js';
import type { WebgpuRunner } from '../../backends/webgpu/runner.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import { webgpu as convolution, inputGradient } from '../conv2d/webgpu.js';
import type { ConvTranspose2DGeometry } from './geometry.js';

/** The convolution from y to x, seen from the other side. */
export const webgpu: Parts<RunnerKernel<ConvTranspose2DGeometry, WebgpuRunner>> = {
  forward: ({ x, filter, bias }, { convolution: g, activation }, runner) =>
    inputGradient({ dy: x!, filter: filter! }, g, runner, { bias, activation }),

  dx: ({ dy, filter }, { convolution: g }, runner) => convolution['forward']!({ x: dy!, filter: filter! }, g, runner),

  dfilter: ({ x, dy }, { convolution: g }, runner) => convolution['dfilter']!({ x: dy!, dy: x! }, g, runner),

  dbias: ({ dy }, { convolution: g }, runner) => [columnSums(runner, dy!, g.batch * g.inHeight * g.inWidth, g.inChannels)],
};
