import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { multiclassHinge } from '../ops/multiclass-hinge/multiclass-hinge.js';
import type { GradientClassifierOptions } from './gradient-classifier.js';
import { LinearClassifier } from './linear-classifier.js';

/** Options of LinearSvm. */
export interface LinearSvmOptions extends GradientClassifierOptions {
  /** By how much the right class must lead; default 1. */
  margin?: number;
}

/**
 * Linear support vector machine of several classes: scores x W + b, the sum of max(0, margin + s_j - s_right) over the wrong
 * classes j.
 * Source: Weston and Watkins 1999; the CS231n notes, "Linear Classification".
 */
export class LinearSvm extends LinearClassifier {
  protected readonly pace = 0.25;
  private readonly margin: number;

  constructor({ margin = 1, ...options }: LinearSvmOptions = {}) {
    super('LinearSvm', options);
    this.margin = margin;
  }

  protected override lossOf(scores: Tensor2D, labels: Tensor1D): Scalar {
    return multiclassHinge(scores, labels, { margin: this.margin }) as Scalar;
  }
}
