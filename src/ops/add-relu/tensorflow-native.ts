import { composed } from '../../backends/tensorflow/composition.js';
import type { AddReluGeometry } from './kernels.js';

/** In one pass over memory, by a native op. */
export const nativeAddRelu = composed<AddReluGeometry>({
  forward: ({ a, b }, _g, run) => [run.op('TfjsCnnAddRelu', [a!, b!])],
});
