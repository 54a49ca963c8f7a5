import { dispose, sub, type Tensor, tidy } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { normOf, trainedLayers } from './layer-rows.js';

/** How far a layer's weights moved. */
export interface UpdateRatio {
  /** Inside of blocks: the path in a checkpoint. */
  readonly layer: string;
  /**
   * Norm of the update over the norm of the weights before it. About 1e-3 is well; below 1e-4 the learning rate may be too low, above
   * 1e-2 too high. Infinity where all weights were 0.
   */
  readonly ratio: number;
  /** Euclidean norm of what was added to the weights. */
  readonly updateNorm: number;
  /** The same of the weights before. */
  readonly weightNorm: number;
}

/**
 * Ratio of update to weight, layer by layer, biases with their kernels.
 * Source: CS231n notes, "Babysitting the learning process": ratio of weights:updates.
 *
 * @param update changes the weights: a step of training, say
 * @returns      the layers that are trained, in order
 */
export async function updateRatios(model: LayersModel, update: () => unknown): Promise<UpdateRatio[]> {
  const watch = watchWeights(model);
  try {
    await update();
    return await watch.ratios();
  } finally {
    watch.dispose();
  }
}

/** Weights as they were, and how far they have moved since. */
export interface WeightWatch {
  ratios(): Promise<UpdateRatio[]>;
  dispose(): void;
}

/** Keeps a copy of the trained weights; one is made only where they change. */
export function watchWeights(model: LayersModel): WeightWatch {
  const rows = trainedLayers(model).map((row) => ({
    ...row,
    before: row.variables.map((variable) => variable.clone() as Tensor),
  }));
  return {
    async ratios() {
      const ratios: UpdateRatio[] = [];
      for (const { layer, variables, before } of rows) {
        const moved = tidy(() => variables.map((variable, i) => sub(variable, before[i]!)));
        const updateNorm = await normOf(moved);
        const weightNorm = await normOf(before);
        dispose(moved);
        ratios.push({ layer, ratio: updateNorm === 0 ? 0 : updateNorm / weightNorm, updateNorm, weightNorm });
      }
      return ratios;
    },
    dispose: () => dispose(rows.map(({ before }) => before)),
  };
}
