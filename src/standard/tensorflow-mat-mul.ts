import { composed } from '../backends/tensorflow/composition.js';
import { biasAndActivation } from '../ops/activation/tensorflow-fused.js';
import type { MatMulGeometry } from './mat-mul.js';

/** One product, or a batch of them; transposed while it is read. A matrix that serves the whole batch is broadcast. */
export const tensorflow = composed<MatMulGeometry>({
  forward({ a, b, bias }, { transposeA, transposeB, shape, activation }, run) {
    const single = a!.shape.length === 2 && b!.shape.length === 2;
    const product = single
      ? run.op('MatMul', [a!, b!], [run.flag('transpose_a', transposeA), run.flag('transpose_b', transposeB)])
      : run.op('BatchMatMulV2', [a!, b!], [run.flag('adj_x', transposeA), run.flag('adj_y', transposeB)]);
    const row = bias && run.reshape(bias, [bias.shape.at(-1)!]);
    return [run.reshape(biasAndActivation(run, product, row, activation), shape)];
  },
});
