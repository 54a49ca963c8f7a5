import { launchElementwise } from '../../backends/webgpu/elementwise.js';
import type { WebgpuRunner } from '../../backends/webgpu/runner.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import type { AddReluGeometry } from './kernels.js';

export const webgpu: Parts<RunnerKernel<AddReluGeometry, WebgpuRunner>> = {
  forward({ a, b }, g, runner) {
    const y = runner.output(g.shape);
    launchElementwise(runner, {
      ...{ name: 'addRelu forward', geometry: g, size: g.size, reads: { a, b }, writes: { y } },
      body: '  let sum = a[i] + b[i];\n  y[i] = select(sum, T(), sum < T());',
    });
    return [y];
  },
};
