import type { WebglRunner } from '../backends/webgl/runner.js';
import type { Parts, RunnerKernel } from '../kernels.js';
import type { ReshapeGeometry } from './reshape.js';

/** tfjs's own compiles a program for each pair of shapes, and so for each size of a batch. */
export const webgl: Parts<RunnerKernel<ReshapeGeometry, WebglRunner>> = {
  forward: ({ x }, { shape }, runner) => [runner.reshaped(x!, shape)],
};
