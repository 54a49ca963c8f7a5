/** What training makes small. */
import { add, mul, type Scalar, type Tensor, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { LayersModel } from '@tensorflow/tfjs-layers';
import { onlyKnown, upToOne } from '../checks.js';
import { ArgumentError } from '../geometry.js';
import { multiclassHinge } from '../ops/multiclass-hinge/multiclass-hinge.js';
import { softmaxCrossEntropy } from '../ops/softmax-cross-entropy/softmax-cross-entropy.js';
import { lossWeights } from '../zoo/loss-weights.js';
import { endsInSoftmax, outputsOf, penaltiesOf, type Trainable } from './trainable.js';

/**
 * Mean loss of a batch.
 *
 * @param output one of the net's, of a classifier logits [batch, classes]
 * @param labels class indices [batch], or shares of classes [batch, classes] where pictures are mixed
 * @param weights what each picture's loss is multiplied by [batch], where the data weigh their pictures
 */
export type LossFunction = (output: Tensor, labels: Tensor, weights?: Tensor1D) => Scalar;

/** Softmax cross-entropy with the labels' smoothing, in [0, 1]: a part of every label goes to all classes alike. */
export function crossEntropy(options: { labelSmoothing?: number } = {}): LossFunction {
  onlyKnown('crossEntropy', options, ['labelSmoothing']);
  const labelSmoothing = upToOne('crossEntropy', 'labelSmoothing', options.labelSmoothing ?? 0);
  return (output, labels, weights) => softmaxCrossEntropy(output as Tensor2D, labels, { labelSmoothing, weights }) as Scalar;
}

/** The loss of a support vector machine, for class indices. Source: CS231n notes, linear classification. */
export const hingeLoss: LossFunction = (output, labels, weights) => {
  if (weights)
    throw new ArgumentError('hingeLoss: pictures cannot be weighed; use crossEntropy(), or data without class weights');
  if (labels.rank !== 1)
    throw new ArgumentError('hingeLoss: pictures cannot be mixed; use crossEntropy(), or no mixup and cutMix');
  return multiclassHinge(output as Tensor2D, labels as Tensor1D) as Scalar;
};

/**
 * The loss of a training step: of several outputs the sum weighed by lossWeights, plus what regularizers ask for.
 *
 * @returns the loss, and the main output: the others are auxiliary heads
 */
export function lossOf(
  net: Trainable,
  loss: LossFunction,
  x: Tensor,
  labels: Tensor,
  weights?: Tensor1D,
): { loss: Scalar; output: Tensor } {
  const outputs = outputsOf(net, x, true);
  const shares = net instanceof LayersModel ? lossWeights(net) : outputs.map(() => 1);
  const losses = outputs.map((output, i) => {
    const value = loss(output, labels, weights);
    return shares[i] === 1 ? value : (mul(value, shares[i]!) as Scalar);
  });
  return { loss: [...losses, ...penaltiesOf(net)].reduce((sum, value) => add(sum, value)) as Scalar, output: outputs[0] };
}

/** @throws ArgumentError where a model ends in softmax, which cross-entropy has inside */
export function expectLogits(caller: string, net: Trainable): void {
  if (!endsInSoftmax(net)) return;
  throw new ArgumentError(
    `${caller}: the model must give logits, but '${net.outputs[0]!.sourceLayer.name}' ends in softmax; ` +
      "nets of the zoo are built without by classifierActivation: 'linear'",
  );
}
