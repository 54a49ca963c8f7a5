import type { WebglRunner } from '../../backends/webgl/runner.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import { webgl as convolution, inputGradient } from '../conv2d/webgl.js';
import { columnSums } from '../gemm/webgl-column-sums.js';
import type { ConvTranspose2DGeometry } from './geometry.js';

/** The convolution from y to x, seen from the other side. */
export const webgl: Parts<RunnerKernel<ConvTranspose2DGeometry, WebglRunner>> = {
  forward: ({ x, filter, bias }, { convolution: g, activation }, runner) =>
    inputGradient({ dy: x!, filter: filter! }, g, runner, { bias, activation }),

  dx: ({ dy, filter }, { convolution: g }, runner) => convolution['forward']!({ x: dy!, filter: filter! }, g, runner),

  dfilter: ({ x, dy }, { convolution: g }, runner) => convolution['dfilter']!({ x: dy!, dy: x! }, g, runner),

  dbias: ({ dy }, g, runner) => [columnSums(runner, 'CnnConvTranspose2D dbias', g, dy!)],
};
