import { composed } from '../../backends/tensorflow/composition.js';
import type { TensorflowRunner, Value } from '../../backends/tensorflow/runner.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import type { ConcatGeometry } from './geometry.js';

/** Parts of the op that joins `count` tensors. */
export function concatTensorflow(count: number): Parts<RunnerKernel<ConcatGeometry, TensorflowRunner>> {
  const indices = Array.from({ length: count }, (_, i) => i);
  const dx =
    (i: number) =>
    (dy: Value, { outer, channels, offsets }: ConcatGeometry, run: TensorflowRunner) => {
      const begin = [...outer.map(() => 0), offsets[i]!];
      return run.op('Slice', [dy, run.ints(begin), run.ints([...outer, channels[i]!])]);
    };
  return composed<ConcatGeometry>({
    forward: (inputs, { outer }, run) => {
      const axis = run.table([], [outer.length]);
      return [
        run.op('ConcatV2', [...indices.map((i) => inputs[`x${i}`]!), axis], [run.int('N', count), run.type('T', 'float32')]),
      ];
    },
    ...Object.fromEntries(indices.map((i) => [`dx${i}`, ({ dy }, g, run) => [dx(i)(dy!, g, run)]])),
  });
}
