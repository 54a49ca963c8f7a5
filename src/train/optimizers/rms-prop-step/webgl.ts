import type { WebglRunner } from '../../../backends/webgl/runner.js';
import type { Parts, RunnerKernel } from '../../../kernels.js';
import { webglUpdate } from '../webgl-update.js';
import type { RmsPropGeometry } from './rms-prop-step.js';

/**
 * @param kind  what follows 'CnnRmsProp' in the op's name
 * @param slots 'square' and maybe 'mean' and 'velocity'
 */
export function rmsPropWebgl(kind: string, slots: readonly string[]): Parts<RunnerKernel<RmsPropGeometry, WebglRunner>> {
  return {
    forward: webglUpdate<RmsPropGeometry>({
      ...{ name: `CnnRmsProp${kind}`, slots, numbers: ['share', 'momentum', 'epsilon'] },
      body: (given) =>
        [
          'square += share * (gradient * gradient - square);',
          'vec4 under = square;',
          given('mean') ? 'mean += share * (gradient - mean);\nunder = larger(square - mean * mean, vec4(0));' : '',
          'direction = gradient / (sqrt(under) + epsilon);',
          given('velocity') ? 'direction += momentum * velocity;\nvelocity = direction;' : '',
        ].join('\n'),
    }),
  };
}
