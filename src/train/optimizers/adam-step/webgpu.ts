import type { WebgpuRunner } from '../../../backends/webgpu/runner.js';
import type { Parts, RunnerKernel } from '../../../kernels.js';
import { webgpuUpdate } from '../webgpu-update.js';
import type { AdamGeometry } from './adam-step.js';

/**
 * @param slots    'mean', 'square' and maybe 'largest'
 * @param fromZero the step is taken from 0 instead of the value
 */
export function adamWebgpu(slots: readonly string[], fromZero = false): Parts<RunnerKernel<AdamGeometry, WebgpuRunner>> {
  return {
    forward: webgpuUpdate<AdamGeometry>({
      ...{ name: fromZero ? 'adamDirection' : 'adamStep', slots, fromZero },
      numbers: ['share', 'squareShare', 'weight', 'blend', 'rootScale', 'epsilon'],
      body: (given) => `  slot_mean += u.share * (g - slot_mean);
  slot_square += u.squareShare * (g * g - slot_square);
  var under = slot_square;
${
  given('largest')
    ? `  under = select(under, slot_largest, slot_largest > under);
  slot_largest = under;`
    : ''
}
  direction = (u.weight * slot_mean + u.blend * g) / (u.rootScale * sqrt(under) + u.epsilon);`,
    }),
  };
}
