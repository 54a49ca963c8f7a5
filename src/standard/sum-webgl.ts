import { elementwise } from '../backends/webgl/elementwise.js';
import type { WebglRunner } from '../backends/webgl/runner.js';
import type { Parts, RunnerKernel } from '../kernels.js';
import type { SumGeometry } from './sum.js';

/** a + b, whatever the shape: tfjs's own compiles a program for each. */
export const webgl: Parts<RunnerKernel<SumGeometry, WebglRunner>> = {
  forward: ({ a, b }, g, runner) =>
    elementwise(runner, { name: 'Add', geometry: g, shape: g.shape, inputs: { a, b }, values: 'out0 = a + b;' }),
};
