import type { WebgpuRunner } from '../../../backends/webgpu/runner.js';
import type { Parts, RunnerKernel } from '../../../kernels.js';
import { webgpuUpdate } from '../webgpu-update.js';
import type { AdagradGeometry } from './adagrad-step.js';

export const webgpu: Parts<RunnerKernel<AdagradGeometry, WebgpuRunner>> = {
  forward: webgpuUpdate<AdagradGeometry>({
    ...{ name: 'adagradStep', slots: ['sum'], numbers: ['epsilon'] },
    body: () => `  slot_sum += g * g;
  direction = g / (sqrt(slot_sum) + u.epsilon);`,
  }),
};
