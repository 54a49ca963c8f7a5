import { launchElementwise } from '../../../backends/webgpu/elementwise.js';
import type { WebgpuRunner } from '../../../backends/webgpu/runner.js';
import type { Parts, RunnerKernel } from '../../../kernels.js';
import type { GateGeometry } from './gate.js';

export const webgpu: Parts<RunnerKernel<GateGeometry, WebgpuRunner>> = {
  forward({ value, before, open }, g, runner) {
    const kept = runner.renewed(value!);
    launchElementwise(runner, {
      ...{ name: 'gate', geometry: g, size: g.size, reads: { before }, writes: { kept }, scalars: { open } },
      body: '  if (open[0] == 0.0) { kept[i] = before[i]; }',
    });
    return [kept];
  },
};
