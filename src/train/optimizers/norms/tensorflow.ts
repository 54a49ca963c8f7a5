import { composed } from '../../../backends/tensorflow/composition.js';
import type { TensorflowRunner, Value } from '../../../backends/tensorflow/runner.js';
import type { SquareSumGeometry } from './norms.js';

/** The sum of squares of all elements. */
function squareSumOf(run: TensorflowRunner, x: Value): Value {
  return run.op('Sum', [run.op('Square', [x]), run.ints(x.shape.map((_, axis) => axis))]);
}

/** Of gradients in training, one after the other; what follows of their norm is a few numbers once a step. */
export const squareSumTensorflow = composed<SquareSumGeometry>({
  forward({ x, before }, _g, run) {
    const sum = squareSumOf(run, x!);
    return [before ? run.op('AddV2', [sum, before]) : sum];
  },
});
