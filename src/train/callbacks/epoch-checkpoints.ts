import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { CheckpointStore } from '../checkpoints/checkpoint-store.js';
import { crossEntropy } from '../loss.js';
import type { CnnOptimizer } from '../optimizers/cnn-optimizer.js';
import { rankOf } from '../score.js';
import { type DataFacts, restore, snapshotOf } from '../training-state.js';
import type { EpochReport, TrainerCallback } from './callback.js';

/** A training by tfjs-layers' own `model.fit` that checkpoints are kept of. */
export interface EpochCheckpoints extends TrainerCallback {
  /**
   * Goes on from the newest checkpoint, where there is one: weights, moving statistics, the optimizer's slots.
   * @returns the epochs that are done: `fit`'s initialEpoch
   * @throws CheckpointError where it is of another net or optimizer
   */
  resume(): Promise<number>;
}

/**
 * Checkpoints after each epoch of tfjs-layers' own `model.fit`; a Trainer writes its own, between epochs, too. The order of the
 * pictures is tfjs's, and not seeded: a training goes on, but not to the bit as it would have.
 *
 *     const checkpoints = epochCheckpoints(model, optimizer, new FolderCheckpoints('run'));
 *     const initialEpoch = await checkpoints.resume();
 *     await model.fit(x, y, { epochs, initialEpoch, callbacks: [asFitCallback(checkpoints, model)] });
 */
export function epochCheckpoints(model: LayersModel, optimizer: CnnOptimizer, store: CheckpointStore): EpochCheckpoints {
  // What `fit` shows the model is not known before it begins, and nothing depends on it here.
  const data: DataFacts = { count: 0, batchSize: 0, shape: model.inputs[0]!.shape.slice(1) as number[] };
  const parts = { net: model, optimizer, loss: crossEntropy() };
  let epochs: EpochReport[] = [];
  optimizer.bind(model);
  return {
    async resume() {
      const found = await store.latest();
      if (!found) return 0;
      epochs = [...restore(parts, found.snapshot, data, found.name).epochs];
      return epochs.length;
    },
    async onEpoch(report) {
      epochs.push(report);
      const rest = { batch: 0, score: { loss: 0, right: 0, count: 0 }, seconds: 0, waitedSeconds: 0, losses: [], accuracies: [] };
      const snapshot = await snapshotOf(parts, { step: report.step, epoch: report.epoch, epochs, ...rest }, data);
      await store.save(snapshot, report.step, report.test && rankOf(report.test));
    },
  };
}
