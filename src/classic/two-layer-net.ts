import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { positiveInteger } from '../checks.js';
import { heNormal, inverseSqrt } from '../initializers/factories.js';
import { dense } from '../ops/dense/dense.js';
import { softmaxCrossEntropy } from '../ops/softmax-cross-entropy/softmax-cross-entropy.js';
import { mixSeeds } from '../random.js';
import { type Affine, GradientClassifier, type GradientClassifierOptions } from './gradient-classifier.js';

/** Options of TwoLayerNet. */
export interface TwoLayerNetOptions extends GradientClassifierOptions {
  /** Units of the hidden layer; default 100. */
  hidden?: number;
}

/**
 * A net of one hidden layer: scores relu(x W1 + b1) W2 + b2, cross-entropy of their softmax.
 * Source: the CS231n notes, "Neural Networks".
 */
export class TwoLayerNet extends GradientClassifier {
  protected readonly pace = 5;
  private readonly hidden: number;

  /** @throws ArgumentError for a number of hidden units that is no positive integer */
  constructor({ hidden = 100, ...options }: TwoLayerNetOptions = {}) {
    super('TwoLayerNet', options);
    this.hidden = positiveInteger('TwoLayerNet', 'hidden', hidden);
  }

  protected override begin(features: number, classes: number): readonly Affine[] {
    const seeds = [1, 2].map((layer) => mixSeeds(this.seed, layer));
    return [
      this.affine(features, this.hidden, heNormal({ seed: seeds[0] })),
      this.affine(this.hidden, classes, inverseSqrt({ seed: seeds[1] })),
    ];
  }

  protected override forward(x: Tensor2D, [first, second]: readonly [Affine, Affine]): Tensor2D {
    const hidden = dense(x, first.weight as Tensor2D, { bias: first.bias as Tensor1D, activation: 'relu' });
    return dense(hidden, second.weight as Tensor2D, { bias: second.bias as Tensor1D });
  }

  protected override lossOf(scores: Tensor2D, labels: Tensor1D): Scalar {
    return softmaxCrossEntropy(scores, labels) as Scalar;
  }
}
