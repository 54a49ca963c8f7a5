import { composed } from '../../backends/tensorflow/composition.js';
import type { TensorflowRunner, Value } from '../../backends/tensorflow/runner.js';
import { biasAndActivation } from '../activation/tensorflow-fused.js';
import type { DenseGeometry } from './geometry.js';

/** a b, transposed while it is read. */
function product(run: TensorflowRunner, a: Value, b: Value, transposeA: boolean, transposeB: boolean): Value {
  return run.op('MatMul', [a, b], [run.flag('transpose_a', transposeA), run.flag('transpose_b', transposeB)]);
}

/** Every part is one product of matrices. */
export const tensorflow = composed<DenseGeometry>({
  forward: ({ x, filter, bias }, { activation }, run) => [
    biasAndActivation(run, product(run, x!, filter!, false, false), bias, activation),
  ],
  dx: ({ dy, filter }, _g, run) => [product(run, dy!, filter!, false, true)],
  dfilter: ({ x, dy }, _g, run) => [product(run, x!, dy!, true, false)],
  dbias: ({ dy }, _g, run) => [run.op('BiasAddGrad', [dy!])],
});
