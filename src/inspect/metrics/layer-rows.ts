/** Layers with weights, as diagnostics list them. */
import type { Tensor, Variable } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { leavesOf } from '../../layers/leaves.js';

/** A layer and the weights that training changes in it. */
export interface TrainedLayer {
  /** Inside of blocks: the path in a checkpoint. */
  readonly layer: string;
  readonly variables: readonly Variable[];
}

/** The layers of a model that training changes, in order; a layer that stands in several places counts once. */
export function trainedLayers(model: LayersModel): TrainedLayer[] {
  return [...new Set(leavesOf(model))]
    .map((layer) => ({ layer: layer.name, variables: layer.trainableWeights.map((weight) => weight.read() as Variable) }))
    .filter(({ variables }) => variables.length > 0);
}

/** Square root of the sum of the squares of all numbers of several tensors, added in float64. */
export async function normOf(tensors: readonly Tensor[]): Promise<number> {
  let sum = 0;
  for (const tensor of tensors) for (const value of await tensor.data()) sum += value * value;
  return Math.sqrt(sum);
}
