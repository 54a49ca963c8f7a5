import { add, clone, mul } from '@tensorflow/tfjs-core';
import { onlyKnown, upToOne } from '../../checks.js';
import type { BatchTransform } from './batch-transform.js';
import { changedTensors } from './mixed-tensors.js';
import { targetsOf } from './soft-targets.js';

/** Options of labelSmoothing. */
export interface LabelSmoothingOptions {
  /** Part of every label that is spread evenly over all classes, in [0, 1]; default 0.1. */
  epsilon?: number;
}

/**
 * Shares of classes become (1 - epsilon) share + epsilon / classes: softmaxCrossEntropy's labelSmoothing, for losses that have none.
 * Draws nothing.
 * Source: Szegedy et al. 2016 (Rethinking the Inception Architecture), 7.
 *
 * @throws ArgumentError for an epsilon outside of [0, 1]
 */
export function labelSmoothing(options: LabelSmoothingOptions = {}): BatchTransform {
  const { epsilon = 0.1 } = onlyKnown('labelSmoothing', options, ['epsilon']);
  upToOne('labelSmoothing', 'epsilon', epsilon);
  return {
    name: 'labelSmoothing',
    apply: (batch, classes) => ({
      ...batch,
      targets: targetsOf('labelSmoothing', batch, classes).map((share) => (1 - epsilon) * share + epsilon / classes),
    }),
    onTensors: (batch) =>
      changedTensors('labelSmoothing', batch, ({ x, targets }) => ({
        x: clone(x),
        targets: add(mul(targets, 1 - epsilon), epsilon / targets.shape[1]),
      })),
    getConfig: () => ({ epsilon }),
  };
}
