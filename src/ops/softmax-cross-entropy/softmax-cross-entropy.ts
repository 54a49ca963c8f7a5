import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { defineOp } from '../../define-op.js';
import { ArgumentError, GeometryError } from '../../geometry.js';
import { checkFloat32 } from '../input.js';
import { type LossGeometry, lossGeometry, lossShape, type Reduction, withFloatLabels } from '../loss/geometry.js';
import { cpu } from './cpu.js';
import { portable } from './portable.js';
import { reference } from './reference.js';
import { wasmCnn } from './wasm.js';

/** Options of softmaxCrossEntropy. */
export interface SoftmaxCrossEntropyOptions {
  /** Part of every label that is spread evenly over all classes, in [0, 1]; default 0. */
  labelSmoothing?: number;
  /** Default 'mean'. */
  reduction?: Reduction;
  /**
   * What every row's loss is multiplied by, float32 [batch]; default 1. The mean stays a sum divided by the batch, as that of
   * Keras's sample_weight, so that gradients of parts of a batch add up to the whole one's.
   */
  weights?: Tensor1D;
}

export interface SoftmaxCrossEntropyGeometry extends LossGeometry {
  readonly labelSmoothing: number;
}

/**
 * Softmax and cross entropy in one: with p = exp(z) / sum exp(z) and the smoothed labels
 * q = (1 - s) labels + s / classes, the loss of a row of weight w is -w sum q log p = w sum q (log sum exp(z) - z).
 * Adjoint: dlogits = dy w (p sum(q) - q), times 1 / batch for the mean. Labels and weights have no gradient.
 * Source:  PyTorch's cross_entropy, with class indices and with probabilities.
 *
 * The largest logit of a row is subtracted first, so that no logit is too large. A class index outside
 * [0, classes) makes the loss NaN.
 *
 * @param logits  float32 [batch, classes]
 * @param labels  class indices [batch], or probabilities (one-hot, say) [batch, classes], of any dtype
 * @param options labelSmoothing (default 0), reduction (default 'mean'), weights (default 1)
 * @returns       float32, a scalar, or [batch] where reduction is 'none'
 * @throws GeometryError where logits, labels and weights do not fit together
 */
export function softmaxCrossEntropy(logits: Tensor2D, labels: Tensor, options: SoftmaxCrossEntropyOptions = {}): Tensor {
  return withFloatLabels(labels, (float) => softmaxCrossEntropyOp(logits, float, options));
}

/** The op under softmaxCrossEntropy: labels are float32 here, class indices too. */
export const softmaxCrossEntropyOp = defineOp({
  name: 'CnnSoftmaxCrossEntropy',
  prepare(logits: Tensor2D, labels: Tensor, { labelSmoothing = 0, reduction = 'mean', weights }: SoftmaxCrossEntropyOptions) {
    if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
      throw new ArgumentError(`softmaxCrossEntropy: labelSmoothing must be in [0, 1], got ${labelSmoothing}`);
    }
    const geometry = lossGeometry('softmaxCrossEntropy', logits, labels, reduction);
    if (weights !== undefined) checkFloat32('softmaxCrossEntropy', 'weights', weights);
    if (weights && (weights.rank !== 1 || weights.size !== geometry.batch)) {
      throw new GeometryError(
        `softmaxCrossEntropy: weights must be [${geometry.batch}], one number a row of logits [${logits.shape}], ` +
          `got [${weights.shape}]`,
      );
    }
    return { inputs: { logits, labels, weights }, geometry: Object.freeze({ ...geometry, labelSmoothing }) };
  },
  forward: {
    inputs: ['logits', 'labels', 'weights'],
    outputs: { loss: lossShape, probabilities: (g) => [g.batch, g.classes] },
  },
  backward: {
    dlogits: { inputs: ['dy', 'labels', 'weights', 'probabilities'], outputs: { dlogits: (g) => [g.batch, g.classes] } },
  },
  kernels: { reference, cpu, wasmCnn, portable },
});
