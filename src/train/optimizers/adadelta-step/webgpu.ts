import type { WebgpuRunner } from '../../../backends/webgpu/runner.js';
import type { Parts, RunnerKernel } from '../../../kernels.js';
import { webgpuUpdate } from '../webgpu-update.js';
import type { AdadeltaGeometry } from './adadelta-step.js';

export const webgpu: Parts<RunnerKernel<AdadeltaGeometry, WebgpuRunner>> = {
  forward: webgpuUpdate<AdadeltaGeometry>({
    ...{ name: 'adadeltaStep', slots: ['square', 'delta'], numbers: ['share', 'epsilon'] },
    body: () => `  slot_square += u.share * (g * g - slot_square);
  direction = sqrt(slot_delta + u.epsilon) / sqrt(slot_square + u.epsilon) * g;
  slot_delta += u.share * (direction * direction - slot_delta);`,
  }),
};
