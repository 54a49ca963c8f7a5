import { dispose, keep, type NamedTensorMap, type Scalar, type Tensor, type Tensor1D, tensor, tidy } from '@tensorflow/tfjs-core';
import type { TrainingBatch } from '../data/batch-source.js';
import type { Precision } from '../precision.js';
import { type LossFunction, lossOf } from './loss.js';
import type { CnnOptimizer } from './optimizers/cnn-optimizer.js';
import type { GradientAccumulator } from './optimizers/gradient-accumulator.js';
import type { WeightAverage } from './optimizers/weight-average.js';
import { autocast } from './precision/autocast.js';
import type { LossScaler } from './precision/loss-scaler.js';
import { type Trainable, trainedVariables } from './trainable.js';

/** What takes part in a step. */
export interface StepParts {
  readonly net: Trainable;
  readonly optimizer: CnnOptimizer;
  readonly loss: LossFunction;
  /** Of the weights, moved after every update. */
  readonly average?: WeightAverage;
  /** Collects the gradients of several batches. */
  readonly accumulator?: GradientAccumulator;
  /** Of products, forward and back; default 'float32'. */
  readonly precision?: Precision;
  /** Scales the loss, and leaves steps out whose gradients are not finite. */
  readonly lossScaler?: LossScaler;
}

/**
 * Forward pass, backward pass and update.
 *
 * @param inputs pictures, labels and, where the data weigh their pictures, weights
 * @param update whether the weights change: not before the last of the batches that are taken together
 * @param judge  whether the loss is looked at before, and nothing changes where it is no number
 * @returns      the loss, and the net's main output
 */
export function takeStep(parts: StepParts, inputs: readonly Tensor[], update = true, judge = false): [Scalar, Tensor] {
  const { net, optimizer, loss, average, accumulator, precision = 'float32', lossScaler } = parts;
  const [x, labels, weights] = inputs as [Tensor, Tensor, Tensor1D | undefined];
  return tidy(() => {
    let output: Tensor | undefined;
    let value: Scalar | undefined;
    const forward = () => {
      const result = lossOf(net, loss, x, labels, weights);
      output = keep(result.output);
      value = keep(result.loss);
      return lossScaler ? lossScaler.scaled(value) : value;
    };
    const { grads } = autocast(precision, () => optimizer.computeGradients(forward, trainedVariables(net)));
    if (judge && !Number.isFinite(value!.dataSync()[0])) return [value!, output!];
    accumulator?.add(grads, x.shape[0]);
    if (update) {
      const gradients: NamedTensorMap = accumulator ? accumulator.take() : grads;
      optimizer.applyGradients(gradients, lossScaler);
      average?.update();
      if (accumulator) dispose(gradients);
    }
    dispose(grads);
    return [value!, output!];
  });
}

/** A batch as plain numbers with their shapes: what `takeStep` takes as tensors. */
export function inputsOf(batch: TrainingBatch): { values: Float32Array; shape: number[] }[] {
  const { images, shape, labels, targets, weights, size } = batch;
  const wanted = targets
    ? { values: targets, shape: [size, targets.length / size] }
    : { values: Float32Array.from(labels), shape: [size] };
  const inputs = [{ values: images, shape: [size, ...shape] }, wanted];
  return weights ? [...inputs, { values: weights, shape: [size] }] : inputs;
}

/** The same as tensors, which are the caller's. */
export function tensorsOf(batch: TrainingBatch): Tensor[] {
  return inputsOf(batch).map(({ values, shape }) => tensor(values, shape));
}
