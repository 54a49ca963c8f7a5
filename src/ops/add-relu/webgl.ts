import { elementwise } from '../../backends/webgl/elementwise.js';
import type { WebglRunner } from '../../backends/webgl/runner.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import type { AddReluGeometry } from './kernels.js';

/** y = max(a + b, 0); NaN stays NaN. */
export const webgl: Parts<RunnerKernel<AddReluGeometry, WebglRunner>> = {
  forward: ({ a, b }, g, runner) =>
    elementwise(runner, {
      ...{ name: 'CnnAddRelu', geometry: g, shape: g.shape, inputs: { a, b } },
      values: 'vec4 sum = a + b;\nout0 = mix(sum, vec4(0), lessThan(sum, vec4(0)));',
    }),
};
