import type { OpAttribute } from '../../backends/tensorflow/binding.js';
import { composed } from '../../backends/tensorflow/composition.js';
import type { TensorflowRunner, Value } from '../../backends/tensorflow/runner.js';
import type { SoftmaxCrossEntropyGeometry } from './softmax-cross-entropy.js';

/** The op's numbers for what is done with the rows' losses. */
const REDUCTIONS = { none: 0, sum: 1, mean: 2 };

function attributes(
  run: TensorflowRunner,
  { labelSmoothing, reduction }: SoftmaxCrossEntropyGeometry,
  weights: Value[],
): OpAttribute[] {
  return [
    run.float('label_smoothing', labelSmoothing),
    run.int('reduction', REDUCTIONS[reduction]),
    run.int('N', weights.length),
  ];
}

/** Loss, probabilities and the gradient, each way by one native op. */
export const nativeSoftmaxCrossEntropy = composed<SoftmaxCrossEntropyGeometry>({
  forward({ logits, labels, weights }, g, run) {
    const weighed = weights ? [weights] : [];
    return run.ops('TfjsCnnSoftmaxCrossEntropy', [logits!, labels!, ...weighed], 2, attributes(run, g, weighed));
  },

  dlogits({ dy, labels, weights, probabilities }, g, run) {
    const weighed = weights ? [weights] : [];
    return [run.op('TfjsCnnSoftmaxCrossEntropyGrad', [dy!, labels!, probabilities!, ...weighed], attributes(run, g, weighed))];
  },
});
