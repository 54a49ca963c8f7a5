import type { WebgpuRunner } from '../../../backends/webgpu/runner.js';
import type { Parts, RunnerKernel } from '../../../kernels.js';
import { webgpuUpdate } from '../webgpu-update.js';
import type { RmsPropGeometry } from './rms-prop-step.js';

/** @param slots 'square' and maybe 'mean' and 'velocity' */
export function rmsPropWebgpu(slots: readonly string[]): Parts<RunnerKernel<RmsPropGeometry, WebgpuRunner>> {
  return {
    forward: webgpuUpdate<RmsPropGeometry>({
      ...{ name: 'rmsPropStep', slots, numbers: ['share', 'momentum', 'epsilon'] },
      body: (given) => `  slot_square += u.share * (g * g - slot_square);
  var under = slot_square;
${
  given('mean')
    ? `  slot_mean += u.share * (g - slot_mean);
  under = under - slot_mean * slot_mean;
  under = select(under, T(), under < T());`
    : ''
}
  direction = g / (sqrt(under) + u.epsilon);
${
  given('velocity')
    ? `  direction += u.momentum * slot_velocity;
  slot_velocity = direction;`
    : ''
}`,
    }),
  };
}
