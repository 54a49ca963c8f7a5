import { composed } from '../../backends/tensorflow/composition.js';
import { nativeAddon } from '../../backends/tensorflow/native.js';
import type { Value } from '../../backends/tensorflow/runner.js';
import type { BatchNormGeometry } from './geometry.js';
import { trainingTensorflow } from './tensorflow.js';

const { forward, dx } = composed<BatchNormGeometry>({
  forward({ x, gamma, beta, runningMean, runningVariance }, { epsilon, momentum, unbiased, activation }, run) {
    const vectors = given(gamma, beta, runningMean, runningVariance);
    return run.ops('TfjsCnnBatchNorm', [x!, ...vectors], 5, [
      run.float('epsilon', epsilon),
      run.float('momentum', momentum),
      run.flag('unbiased', unbiased),
      run.flag('relu', activation === 'relu'),
      run.flag('scaled', gamma !== undefined),
      run.flag('shifted', beta !== undefined),
      run.flag('mean_runs', runningMean !== undefined),
      run.flag('variance_runs', runningVariance !== undefined),
      run.int('N', vectors.length),
    ]);
  },

  dx({ dy, x, gamma, beta, mean, variance }, { epsilon, activation }, run) {
    const vectors = given(mean, variance, gamma, beta);
    return run.ops('TfjsCnnBatchNormGrad', [dy!, x!, ...vectors], 3, [
      run.float('epsilon', epsilon),
      run.flag('relu', activation === 'relu'),
      run.flag('scaled', gamma !== undefined),
      run.flag('shifted', beta !== undefined),
      run.int('N', vectors.length),
    ]);
  },
});

function given(...vectors: (Value | undefined)[]): Value[] {
  return vectors.filter((vector) => vector !== undefined);
}

/** With the batch's own statistics, relu or its mask folded in, each way by one native op; an addon may be older than the one forward. */
export const nativeBatchNormTraining: typeof trainingTensorflow = {
  forward: (inputs, g, run) => {
    const native = nativeAddon()?.ops.includes('TfjsCnnBatchNorm') === true;
    return (native ? forward : trainingTensorflow['forward'])!(inputs, g, run);
  },
  dx: dx!,
};
