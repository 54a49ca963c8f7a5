import type { WebglRunner } from '../../../backends/webgl/runner.js';
import type { Parts, RunnerKernel } from '../../../kernels.js';
import { webglUpdate } from '../webgl-update.js';
import type { AdamaxGeometry } from './adamax-step.js';

export const webgl: Parts<RunnerKernel<AdamaxGeometry, WebglRunner>> = {
  forward: webglUpdate<AdamaxGeometry>({
    ...{ name: 'CnnAdamaxStep', slots: ['mean', 'largest'], numbers: ['share', 'beta2', 'epsilon'] },
    body: () => `mean += share * (gradient - mean);
largest = larger(abs(gradient) + epsilon, beta2 * largest);
direction = mean / largest;`,
  }),
};
