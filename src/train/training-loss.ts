import { add, mul, type Scalar, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { softmaxCrossEntropy } from '../ops/softmax-cross-entropy/softmax-cross-entropy.js';
import { lossWeights } from '../zoo/loss-weights.js';

/**
 * What a training step makes small: softmax cross-entropy, of several outputs the sum weighed by lossWeights, plus what
 * the layers' regularizers ask for.
 *
 * @param x      pictures
 * @param labels class indices [batch]
 * @returns      the loss, and the first output: the others are auxiliary heads
 */
export function trainingLoss(model: LayersModel, x: Tensor, labels: Tensor): { loss: Scalar; logits: Tensor2D } {
  const outputs = [model.apply(x, { training: true })].flat() as [Tensor2D, ...Tensor2D[]];
  const weights = lossWeights(model);
  const losses = outputs.map((output, i) => {
    const loss = softmaxCrossEntropy(output, labels) as Scalar;
    return weights[i] === 1 ? loss : mul(loss, weights[i]!);
  });
  return { loss: [...losses, ...model.calculateLosses()].reduce((sum, loss) => add(sum, loss)) as Scalar, logits: outputs[0] };
}
