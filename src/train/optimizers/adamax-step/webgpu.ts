import type { WebgpuRunner } from '../../../backends/webgpu/runner.js';
import type { Parts, RunnerKernel } from '../../../kernels.js';
import { webgpuUpdate } from '../webgpu-update.js';
import type { AdamaxGeometry } from './adamax-step.js';

export const webgpu: Parts<RunnerKernel<AdamaxGeometry, WebgpuRunner>> = {
  forward: webgpuUpdate<AdamaxGeometry>({
    ...{ name: 'adamaxStep', slots: ['mean', 'largest'], numbers: ['share', 'beta2', 'epsilon'] },
    body: () => `  slot_mean += u.share * (g - slot_mean);
  let size = abs(g) + u.epsilon;
  slot_largest = select(size, u.beta2 * slot_largest, u.beta2 * slot_largest > size);
  direction = slot_mean / slot_largest;`,
  }),
};
