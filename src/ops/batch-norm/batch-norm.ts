import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { defineOp } from '../../define-op.js';
import { ArgumentError } from '../../geometry.js';
import { type BatchNormActivation, type BatchNormGeometry, batchNormGeometry } from './geometry.js';
import * as inference from './inference.js';
import * as training from './training.js';

/** Options of training and inference. */
interface SharedOptions {
  /** Factor [channels]; default 1. */
  gamma?: Tensor;
  /** Offset [channels]; default 0. */
  beta?: Tensor;
  /** Added to the variance; default 1e-5. */
  epsilon?: number;
  /** Applied to the result in the same kernel; default 'linear'. */
  activation?: BatchNormActivation;
}

/** Options of batchNormTraining. */
export interface BatchNormTrainingOptions extends SharedOptions {
  /** Mean before this batch [channels]. */
  runningMean?: Tensor;
  /** Variance before this batch [channels]. */
  runningVariance?: Tensor;
  /** Weight of this batch in the running statistics (PyTorch's meaning, 1 - Keras'); default 0.1. */
  momentum?: number;
  /**
   * Does the running variance take the batch's unbiased one, divided by n - 1 (PyTorch), or the biased one,
   * divided by n (Keras 3, tfjs-layers)? Default true.
   */
  unbiased?: boolean;
}

/** Options of batchNormInference. */
export interface BatchNormInferenceOptions extends SharedOptions {
  /** Mean to normalise by [channels]. */
  runningMean: Tensor;
  /** Variance to normalise by [channels]. */
  runningVariance: Tensor;
}

/** What batchNormTraining gives; only y has a gradient. */
export interface BatchNormTrainingResult<T extends Tensor = Tensor> {
  /** Shape of x. */
  y: T;
  /** Mean of the batch [channels]. */
  mean: Tensor1D;
  /** Biased variance of the batch [channels], which y was normalised with. */
  variance: Tensor1D;
  /** (1 - momentum) running + momentum batch; the batch's own where none was given. */
  runningMean: Tensor1D;
  /** The same for the variance, of the batch's unbiased or biased one as the option says. */
  runningVariance: Tensor1D;
}

const shape = (g: BatchNormGeometry): number[] => g.shape;
const vector = (g: BatchNormGeometry): number[] => [g.channels];

/**
 * Batch normalisation with the batch's own statistics, a channel at a time:
 * y = gamma (x - mean) / sqrt(variance + epsilon) + beta, then the activation.
 * Adjoint: with xhat = (x - mean) / sqrt(variance + epsilon) and dz = dy act'(y),
 *          dbeta = sum dz, dgamma = sum dz xhat, and since mean and variance depend on x, too,
 *          dx = gamma / sqrt(variance + epsilon) (dz - dbeta / rows - xhat dgamma / rows).
 *          The statistics in the result have no gradient of their own.
 * Source:  Ioffe and Szegedy 2015; PyTorch's batch_norm with training=True.
 *
 * @param x       float32 [batch, channels] or [batch, height, width, channels]
 * @throws GeometryError where a vector does not have one number a channel
 */
export const batchNormTraining = defineOp({
  name: 'CnnBatchNormTraining',
  prepare(x: Tensor, options: BatchNormTrainingOptions = {}) {
    const {
      gamma,
      beta,
      runningMean,
      runningVariance,
      epsilon = 1e-5,
      momentum = 0.1,
      activation = 'linear',
      unbiased,
    } = options;
    const geometry = batchNormGeometry(
      x,
      { gamma, beta, runningMean, runningVariance },
      { epsilon, momentum, activation, unbiased },
    );
    return { inputs: { x, gamma, beta, runningMean, runningVariance }, geometry };
  },
  forward: {
    inputs: ['x', 'gamma', 'beta', 'runningMean', 'runningVariance'],
    outputs: { y: shape, mean: vector, variance: vector, newMean: vector, newVariance: vector },
  },
  backward: {
    // One part: the gradients share their sums. Where relu was fused, its mask is found again from x.
    dx: {
      inputs: ['dy', 'x', 'gamma', 'beta', 'mean', 'variance'],
      outputs: { dx: shape, dgamma: vector, dbeta: vector },
    },
  },
  kernels: training,
  result: ([y, mean, variance, runningMean, runningVariance]): BatchNormTrainingResult =>
    ({ y, mean, variance, runningMean, runningVariance }) as BatchNormTrainingResult,
});

/**
 * Batch normalisation with given statistics, which are constants:
 * y = gamma (x - mean) / sqrt(variance + epsilon) + beta, then the activation.
 * Adjoint: with dz = dy act'(y): dx = dz gamma / sqrt(variance + epsilon), dgamma = sum dz xhat, dbeta = sum dz.
 * Source:  PyTorch's batch_norm with training=False.
 *
 * @param x       float32 [batch, channels] or [batch, height, width, channels]
 * @returns       float32 of the shape of x
 * @throws GeometryError where a vector does not have one number a channel
 */
export const batchNormInference = defineOp({
  name: 'CnnBatchNorm',
  prepare(x: Tensor, options: BatchNormInferenceOptions) {
    const { gamma, beta, runningMean: mean, runningVariance: variance, epsilon = 1e-5, activation = 'linear' } = options;
    if (!mean || !variance) {
      throw new ArgumentError('batchNorm: runningMean and runningVariance must be given where training is false');
    }
    const vectors = { gamma, beta, runningMean: mean, runningVariance: variance };
    const geometry = batchNormGeometry(x, vectors, { epsilon, momentum: 0, activation });
    return { inputs: { x, gamma, beta, mean, variance }, geometry };
  },
  forward: { inputs: ['x', 'gamma', 'beta', 'mean', 'variance'], outputs: { y: shape } },
  backward: {
    dx: { inputs: ['dy', 'x', 'gamma', 'beta', 'mean', 'variance'], outputs: { dx: shape } },
    dgamma: { inputs: ['dy', 'x', 'gamma', 'beta', 'mean', 'variance'], outputs: { dgamma: vector } },
    dbeta: { inputs: ['dy', 'x', 'gamma', 'beta', 'mean', 'variance'], outputs: { dbeta: vector } },
  },
  kernels: inference,
});

/** `batchNormTraining` or `batchNormInference`, as `training` says. */
export function batchNorm<T extends Tensor>(
  x: T,
  options: BatchNormTrainingOptions & { training: true },
): BatchNormTrainingResult<T>;
export function batchNorm<T extends Tensor>(x: T, options: BatchNormInferenceOptions & { training?: false }): T;
export function batchNorm(
  x: Tensor,
  options: BatchNormTrainingOptions & { training?: boolean },
): BatchNormTrainingResult | Tensor {
  return options.training ? batchNormTraining(x, options) : batchNormInference(x, options as BatchNormInferenceOptions);
}
