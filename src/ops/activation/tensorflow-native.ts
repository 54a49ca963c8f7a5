import { composed } from '../../backends/tensorflow/composition.js';
import type { TensorflowRunner } from '../../backends/tensorflow/runner.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import type { ActivationGeometry } from './geometry.js';
import { tensorflow } from './tensorflow.js';

/** Of y, which every fused relu keeps, and of residual sums: one buffer for both terms. */
const relu = composed<ActivationGeometry>({ dx: ({ dy, y }, _g, run) => [run.op('TfjsCnnAddReluGrad', [dy!, y!])] });

/** Relu's gradient by a native op; other activations as they are. */
export const nativeActivation: Parts<RunnerKernel<ActivationGeometry, TensorflowRunner>> = {
  dx: (inputs, g, runner) => (g.kind === 'relu' ? relu : tensorflow)['dx']!(inputs, g, runner),
};
