import { add, type Scalar, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { softmaxCrossEntropy } from '../ops/softmax-cross-entropy/softmax-cross-entropy.js';

/**
 * What a training step makes small: softmax cross-entropy plus what the layers' regularizers ask for.
 *
 * @param x      pictures
 * @param labels class indices [batch]
 */
export function trainingLoss(model: LayersModel, x: Tensor, labels: Tensor): { loss: Scalar; logits: Tensor2D } {
  const logits = model.apply(x, { training: true }) as Tensor2D;
  const loss = softmaxCrossEntropy(logits, labels) as Scalar;
  return { loss: model.calculateLosses().reduce((sum, penalty) => add(sum, penalty), loss), logits };
}
