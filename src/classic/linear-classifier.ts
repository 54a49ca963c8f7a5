import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { smallRandom } from '../initializers/factories.js';
import { dense } from '../ops/dense/dense.js';
import { type Affine, GradientClassifier } from './gradient-classifier.js';

/** Scores x W + b, from small random weights. */
export abstract class LinearClassifier extends GradientClassifier {
  protected override begin(features: number, classes: number): readonly Affine[] {
    return [this.affine(features, classes, smallRandom({ seed: this.seed, deviation: 0.001 }))];
  }

  protected override forward(x: Tensor2D, [{ weight, bias }]: readonly [Affine]): Tensor2D {
    return dense(x, weight as Tensor2D, { bias: bias as Tensor1D });
  }
}
