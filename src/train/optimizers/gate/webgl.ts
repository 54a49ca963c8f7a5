import { elementwise } from '../../../backends/webgl/elementwise.js';
import type { WebglRunner } from '../../../backends/webgl/runner.js';
import type { Parts, RunnerKernel } from '../../../kernels.js';
import type { GateGeometry } from './gate.js';

export const webgl: Parts<RunnerKernel<GateGeometry, WebglRunner>> = {
  forward: ({ value, before, open }, g, runner) =>
    elementwise(runner, {
      ...{ name: 'CnnGate', geometry: g, shape: g.shape, inputs: { value, before }, scalars: { open } },
      values: 'out0 = open == 0. ? before : value;',
    }),
};
