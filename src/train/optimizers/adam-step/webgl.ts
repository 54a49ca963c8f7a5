import type { WebglRunner } from '../../../backends/webgl/runner.js';
import type { Parts, RunnerKernel } from '../../../kernels.js';
import { webglUpdate } from '../webgl-update.js';
import type { AdamGeometry } from './adam-step.js';

/**
 * @param slots    'mean', 'square' and maybe 'largest'
 * @param fromZero the step is taken from 0 instead of the value
 */
function adam(name: string, slots: readonly string[], fromZero = false): Parts<RunnerKernel<AdamGeometry, WebglRunner>> {
  return {
    forward: webglUpdate<AdamGeometry>({
      ...{ name, slots, fromZero, numbers: ['share', 'squareShare', 'weight', 'blend', 'rootScale', 'epsilon'] },
      body: (given) => `mean += share * (gradient - mean);
square += squareShare * (gradient * gradient - square);
vec4 under = square;
${given('largest') ? 'under = largest = larger(square, largest);' : ''}
direction = (weight * mean + blend * gradient) / (rootScale * sqrt(under) + epsilon);`,
    }),
  };
}

export const adamWebgl = adam('CnnAdamStep', ['mean', 'square']);
export const amsGradWebgl = adam('CnnAmsGradStep', ['mean', 'square', 'largest']);
export const adamDirectionWebgl = adam('CnnAdamDirection', ['mean', 'square'], true);
