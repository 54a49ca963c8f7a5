import type { WebgpuRunner } from '../../../backends/webgpu/runner.js';
import type { Parts, RunnerKernel } from '../../../kernels.js';
import { webgpuUpdate } from '../webgpu-update.js';
import type { SgdGeometry } from './sgd-step.js';

/** @param slots 'velocity', with momentum */
export function sgdWebgpu(slots: readonly string[]): Parts<RunnerKernel<SgdGeometry, WebgpuRunner>> {
  return {
    forward: webgpuUpdate<SgdGeometry>({
      ...{ name: 'sgdStep', slots, scalars: ['trust'], numbers: ['momentum', 'share', 'nesterov'] },
      body: (given) =>
        `  direction = g${given('trust') ? ' * trust[0]' : ''};${
          given('velocity')
            ? `
  slot_velocity = u.momentum * slot_velocity + u.share * direction;
  direction = select(slot_velocity, direction + u.momentum * slot_velocity, u.nesterov == 1.0);`
            : ''
        }`,
    }),
  };
}
