import { elementwise } from '../../../backends/webgl/elementwise.js';
import type { WebglRunner } from '../../../backends/webgl/runner.js';
import type { Parts, RunnerKernel } from '../../../kernels.js';
import { PENALIZED, penaltiesOf } from '../webgl-penalized.js';
import type { AdamGeometry } from './adam-step.js';

/** Value and slots in one pass. @param fromZero the step is taken from 0 instead of the value */
function adam(name: string, fromZero: boolean): Parts<RunnerKernel<AdamGeometry, WebglRunner>> {
  return {
    forward({ value, gradient, mean, square, largest, scale }, g, runner) {
      const { rate, shrinkage, share, squareShare, weight, blend, rootScale, epsilon, shape } = g;
      return elementwise(runner, {
        ...{ name, geometry: g, shape, outputs: largest ? 4 : 3, functions: PENALIZED },
        values: [
          `vec4 d = penalized(gradient, value, ${scale ? 'scale' : '1.'});`,
          'vec4 m = mean + share * (d - mean);',
          'vec4 s = square + squareShare * (d * d - square);',
          'out1 = m;',
          'out2 = s;',
          largest ? 's = max(s, largest);\nout3 = s;' : '',
          'vec4 direction = (weight * m + blend * d) / (rootScale * sqrt(s) + epsilon);',
          `out0 = ${fromZero ? '-' : 'value - '}(rate * direction + shrinkage * value);`,
        ].join('\n'),
        inputs: { value, gradient, mean, square, largest },
        scalars: { scale },
        floats: { ...penaltiesOf(g), rate, shrinkage, share, squareShare, weight, blend, rootScale, epsilon },
      });
    },
  };
}

export const adamWebgl = adam('CnnAdamStep', false);
export const amsGradWebgl = adam('CnnAmsGradStep', false);
export const adamDirectionWebgl = adam('CnnAdamDirection', true);
