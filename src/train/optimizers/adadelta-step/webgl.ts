import type { WebglRunner } from '../../../backends/webgl/runner.js';
import type { Parts, RunnerKernel } from '../../../kernels.js';
import { webglUpdate } from '../webgl-update.js';
import type { AdadeltaGeometry } from './adadelta-step.js';

export const webgl: Parts<RunnerKernel<AdadeltaGeometry, WebglRunner>> = {
  forward: webglUpdate<AdadeltaGeometry>({
    ...{ name: 'CnnAdadeltaStep', slots: ['square', 'delta'], numbers: ['share', 'epsilon'] },
    body: () => `square += share * (gradient * gradient - square);
direction = sqrt(delta + epsilon) / sqrt(square + epsilon) * gradient;
delta += share * (direction * direction - delta);`,
  }),
};
