import { dispose, type NamedTensorMap, type Tensor, type Tensor1D, tidy, variableGrads } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { TrainingBatch } from '../../data/batch-source.js';
import { crossEntropy, type LossFunction, lossOf } from '../../train/loss.js';
import { remember } from '../../train/remember.js';
import { tensorsOf } from '../../train/training-step.js';
import { normOf, trainedLayers } from './layer-rows.js';

/** How large a layer's gradient is. */
export interface GradientNorm {
  /** Inside of blocks: the path in a checkpoint. */
  readonly layer: string;
  /** Euclidean norm of the gradients of the layer's weights, all together. */
  readonly gradientNorm: number;
  /** The same of the weights. */
  readonly weightNorm: number;
}

/**
 * Gradients of a batch, layer by layer: such that vanish towards the first layers, or grow, can be seen. The model is left as it was,
 * moving statistics and random numbers included.
 *
 * @param loss default: crossEntropy()
 * @returns    the layers that are trained, in order; NaN and Infinity are possible
 */
export async function gradientNorms(
  model: LayersModel,
  batch: TrainingBatch,
  loss: LossFunction = crossEntropy(),
): Promise<GradientNorm[]> {
  const gradients = gradientsOf(model, batch, loss);
  try {
    const rows: GradientNorm[] = [];
    for (const { layer, variables } of trainedLayers(model)) {
      const own = variables.flatMap(({ name }) => gradients[name] ?? []);
      rows.push({ layer, gradientNorm: await normOf(own), weightNorm: await normOf(variables) });
    }
    return rows;
  } finally {
    dispose(gradients);
  }
}

/** Gradients of the trained weights by the variables' names; the caller's to dispose. */
export function gradientsOf(model: LayersModel, batch: TrainingBatch, loss: LossFunction): NamedTensorMap {
  const variables = trainedLayers(model).flatMap((row) => row.variables);
  const putBack = remember(model);
  try {
    return tidy(() => {
      const [x, labels, weights] = tensorsOf(batch) as [Tensor, Tensor, Tensor1D | undefined];
      return variableGrads(() => lossOf(model, loss, x, labels, weights).loss, [...variables]).grads;
    });
  } finally {
    putBack();
  }
}
