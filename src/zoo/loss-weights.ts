/** What the losses of a model's several outputs count in training: stored in its metadata, so that it is saved with it. */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { ArgumentError } from '../geometry.js';

/**
 * What the loss of each output counts in training; 1 where nothing else was set.
 * @returns as many numbers as the model has outputs
 */
export function lossWeights(model: LayersModel): readonly number[] {
  const { lossWeights: stored } = (model.getUserDefinedMetadata() ?? {}) as { lossWeights?: number[] };
  return stored ?? model.outputs.map(() => 1);
}

/**
 * Sets what the loss of each output counts: a Trainer makes their weighted sum small. Builders do so for auxiliary heads.
 * @param weights as many as the model has outputs, each 0 or more
 * @throws ArgumentError otherwise
 */
export function setLossWeights(model: LayersModel, weights: readonly number[]): void {
  if (weights.length !== model.outputs.length || !weights.every((weight) => weight >= 0 && Number.isFinite(weight))) {
    throw new ArgumentError(
      `setLossWeights: weights must be a number of 0 or more for each of the ${model.outputs.length} outputs, got [${weights}]`,
    );
  }
  model.setUserDefinedMetadata({ ...model.getUserDefinedMetadata(), lossWeights: [...weights] });
}
