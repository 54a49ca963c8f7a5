import type { WebglRunner } from '../../../backends/webgl/runner.js';
import type { Parts, RunnerKernel } from '../../../kernels.js';
import { webglUpdate } from '../webgl-update.js';
import type { AdagradGeometry } from './adagrad-step.js';

export const webgl: Parts<RunnerKernel<AdagradGeometry, WebglRunner>> = {
  forward: webglUpdate<AdagradGeometry>({
    ...{ name: 'CnnAdagradStep', slots: ['sum'], numbers: ['epsilon'] },
    body: () => `sum += gradient * gradient;
direction = gradient / (sqrt(sum) + epsilon);`,
  }),
};
