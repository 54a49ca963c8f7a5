import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { softmaxCrossEntropy } from '../ops/softmax-cross-entropy/softmax-cross-entropy.js';
import type { GradientClassifierOptions } from './gradient-classifier.js';
import { LinearClassifier } from './linear-classifier.js';

/**
 * Softmax regression, also called multinomial logistic regression: scores x W + b, cross-entropy of their softmax.
 * Source: the CS231n notes, "Linear Classification".
 */
export class SoftmaxRegression extends LinearClassifier {
  protected readonly pace = 2.5;

  constructor(options: GradientClassifierOptions = {}) {
    super('SoftmaxRegression', options);
  }

  protected override lossOf(scores: Tensor2D, labels: Tensor1D): Scalar {
    return softmaxCrossEntropy(scores, labels) as Scalar;
  }
}
