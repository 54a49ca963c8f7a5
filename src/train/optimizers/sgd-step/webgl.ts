import { elementwise } from '../../../backends/webgl/elementwise.js';
import type { WebglRunner } from '../../../backends/webgl/runner.js';
import type { Parts, RunnerKernel } from '../../../kernels.js';
import { PENALIZED, penaltiesOf } from '../webgl-penalized.js';
import type { SgdGeometry } from './sgd-step.js';

/** Value and, where there is one, velocity in one pass. */
export const webgl: Parts<RunnerKernel<SgdGeometry, WebglRunner>> = {
  forward({ value, gradient, velocity, scale, trust }, g, runner) {
    const { rate, shrinkage, momentum, share, nesterov, shape } = g;
    const moved = 'out0 = value - (rate * direction + shrinkage * value);';
    const velocityStep = [
      'out1 = momentum * velocity + share * direction;',
      nesterov ? 'direction += momentum * out1;' : 'direction = out1;',
    ];
    return elementwise(runner, {
      ...{ name: velocity ? 'CnnSgdMomentumStep' : 'CnnSgdStep', geometry: g, shape, outputs: velocity ? 2 : 1 },
      variant: String(nesterov),
      functions: PENALIZED,
      values: [
        `vec4 direction = ${trust ? 'trust * ' : ''}penalized(gradient, value, ${scale ? 'scale' : '1.'});`,
        ...(velocity ? velocityStep : []),
        moved,
      ].join('\n'),
      inputs: { value, gradient, velocity },
      scalars: { scale, trust },
      floats: { ...penaltiesOf(g), rate, shrinkage, momentum, share },
    });
  },
};
