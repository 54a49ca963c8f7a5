import { dispose, tidy } from '@tensorflow/tfjs-core';
import type { LayersModel, layers as tfLayers } from '@tensorflow/tfjs-layers';
import { onlyKnown, refuse } from '../checks.js';
import type { BatchSource } from '../data/batch-source.js';
import { leavesOf } from '../layers/leaves.js';
import { breathing } from './breathe.js';
import { layerStates, outputsOf, restoreLayerStates } from './trainable.js';
import { tensorsOf } from './training-step.js';

/** This package's and tfjs's. */
const CLASSES: readonly string[] = ['CnnBatchNormalization', 'BatchNormalization'];

/** Both ask for it at every batch. */
type WithMomentum = tfLayers.Layer & { momentum: number };

/** Options of updateBatchNormStatistics. */
export interface BatchNormStatisticsOptions {
  /** Ends it; its reason is thrown, and the statistics are those of the batches so far. */
  readonly signal?: AbortSignal;
}

/**
 * Estimates the moving statistics of batch normalisation anew: each becomes the mean over the batches of one pass, all batches alike.
 * For weights that no training has followed: averaged ones. Frozen layers of this package keep theirs; other weights do not change.
 * Source: PyTorch's torch.optim.swa_utils.update_bn.
 *
 * @param data its epoch 0 is read
 * @throws ArgumentError where the data have no pictures
 */
export async function updateBatchNormStatistics(
  model: LayersModel,
  data: BatchSource,
  options: BatchNormStatisticsOptions = {},
): Promise<void> {
  const { signal } = onlyKnown('updateBatchNormStatistics', options, ['signal']);
  if (data.count === 0) refuse('updateBatchNormStatistics', 'data', 'a source with pictures', data.count);
  const norms = leavesOf(model).filter((layer) => CLASSES.includes(layer.getClassName())) as WithMomentum[];
  if (norms.length === 0) return;
  const momenta = norms.map(({ momentum }) => momentum);
  const states = layerStates(model);
  const breathe = breathing();
  try {
    let batches = 0;
    for await (const batch of data.epoch(0)) {
      signal?.throwIfAborted();
      // The weight of what was there: a running mean of all batches so far, and nothing of the old one.
      batches++;
      for (const norm of norms) norm.momentum = 1 - 1 / batches;
      const inputs = tensorsOf(batch);
      tidy(() => void outputsOf(model, inputs[0]!, true));
      dispose(inputs);
      await breathe();
    }
  } finally {
    norms.forEach((norm, i) => {
      norm.momentum = momenta[i]!;
    });
    restoreLayerStates(model, states);
  }
}
