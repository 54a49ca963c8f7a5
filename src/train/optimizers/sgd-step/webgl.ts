import type { WebglRunner } from '../../../backends/webgl/runner.js';
import type { Parts, RunnerKernel } from '../../../kernels.js';
import { webglUpdate } from '../webgl-update.js';
import type { SgdGeometry } from './sgd-step.js';

/** @param slots 'velocity', with momentum */
function sgd(name: string, slots: readonly string[]): Parts<RunnerKernel<SgdGeometry, WebglRunner>> {
  return {
    forward: webglUpdate<SgdGeometry>({
      ...{ name, slots, scalars: ['trust'], numbers: ['momentum', 'share', 'nesterov'] },
      body: (given) =>
        [
          `direction = ${given('trust') ? 'trust * ' : ''}gradient;`,
          given('velocity')
            ? `velocity = momentum * velocity + share * direction;
direction = nesterov == 1. ? direction + momentum * velocity : velocity;`
            : '',
        ].join('\n'),
    }),
  };
}

export const sgdWebgl = sgd('CnnSgdStep', []);
export const sgdMomentumWebgl = sgd('CnnSgdMomentumStep', ['velocity']);
