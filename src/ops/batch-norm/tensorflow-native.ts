import { composed } from '../../backends/tensorflow/composition.js';
import type { BatchNormGeometry } from './geometry.js';

/** The backward pass with the batch's own statistics, relu's mask folded in, by a native op. */
export const nativeBatchNormTraining = composed<BatchNormGeometry>({
  dx({ dy, x, gamma, beta, mean, variance }, { epsilon, activation }, run) {
    const vectors = [mean!, variance!];
    if (gamma) vectors.push(gamma);
    if (beta) vectors.push(beta);
    return run.ops('TfjsCnnBatchNormGrad', [dy!, x!, ...vectors], 3, [
      run.float('epsilon', epsilon),
      run.flag('relu', activation === 'relu'),
      run.flag('scaled', gamma !== undefined),
      run.flag('shifted', beta !== undefined),
      run.int('N', vectors.length),
    ]);
  },
});
