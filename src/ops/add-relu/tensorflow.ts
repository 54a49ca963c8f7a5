import { composed } from '../../backends/tensorflow/composition.js';
import type { AddReluGeometry } from './kernels.js';

/** The gradient is relu's own kernel. */
export const tensorflow = composed<AddReluGeometry>({
  forward: ({ a, b }, _g, run) => [run.op('Relu', [run.op('AddV2', [a!, b!])])],
});
