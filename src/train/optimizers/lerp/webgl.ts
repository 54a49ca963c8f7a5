import { elementwise } from '../../../backends/webgl/elementwise.js';
import type { WebglRunner } from '../../../backends/webgl/runner.js';
import type { Parts, RunnerKernel } from '../../../kernels.js';
import type { LerpGeometry } from './lerp.js';

export const webgl: Parts<RunnerKernel<LerpGeometry, WebglRunner>> = {
  forward: ({ mean, value }, g, runner) =>
    elementwise(runner, {
      ...{ name: 'CnnLerp', geometry: g, shape: g.shape, inputs: { mean, value }, floats: { share: g.share } },
      // The first value of a mean takes the place of whatever stood there, be it NaN.
      values: 'out0 = share == 1. ? value : mean + share * (value - mean);',
    }),
};
