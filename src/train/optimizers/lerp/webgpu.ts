import { launchElementwise } from '../../../backends/webgpu/elementwise.js';
import type { WebgpuRunner } from '../../../backends/webgpu/runner.js';
import type { Parts, RunnerKernel } from '../../../kernels.js';
import type { LerpGeometry } from './lerp.js';

export const webgpu: Parts<RunnerKernel<LerpGeometry, WebgpuRunner>> = {
  forward({ mean, value }, g, runner) {
    const newMean = runner.renewed(mean!);
    launchElementwise(runner, {
      ...{ name: 'lerp', geometry: g, size: g.size, reads: { value }, writes: { mean: newMean }, changing: true },
      numbers: { share: g.share },
      // The first value of a mean takes the place of whatever stood there, be it NaN.
      body: '  mean[i] = select(mean[i] + u.share * (value[i] - mean[i]), value[i], u.share == 1.0);',
    });
    return [newMean];
  },
};
