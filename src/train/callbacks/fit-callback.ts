import { CustomCallback, type LayersModel, type Logs } from '@tensorflow/tfjs-layers';
import type { Score } from '../score.js';
import type { EpochReport, TrainerCallback } from './callback.js';

/** What tfjs-layers tells a callback of a training. */
interface FitParameters {
  readonly epochs?: number;
  readonly initialEpoch?: number;
  /** Batches an epoch; null of data sets that do not say. */
  readonly steps?: number | null;
  readonly batchSize?: number | null;
  readonly samples?: number | null;
}

/** Names that tfjs-layers gives to accuracies; the first that is there counts. */
const ACCURACIES = ['acc', 'accuracy', 'categoricalAccuracy', 'sparseCategoricalAccuracy', 'binaryAccuracy'];
/** What else is in its logs, and is no metric. */
const KNOWN = new Set(['loss', 'val_loss', 'batch', 'size', ...ACCURACIES.flatMap((name) => [name, `val_${name}`])]);

/**
 * A callback of this package for tfjs-layers' own `model.fit` and `fitDataset`:
 *
 *     await model.fit(x, y, { epochs, callbacks: [asFitCallback(jsonLinesLog('log.jsonl'), model)] });
 *
 * Epochs and steps count from 1 and go on behind `initialEpoch`. Accuracy is told where the model was compiled with it; other
 * metrics stand in an epoch's `metrics`, those of validation as val_.... What tfjs-layers does not tell: the number of pictures of a
 * validation (count is NaN), waiting for data (0), the end by an error (onEnd is not called).
 *
 * @param model the model that is trained: a callback that says 'stop' stops it
 */
export function asFitCallback(callback: TrainerCallback, model: LayersModel): CustomCallback {
  let step = 0;
  let epoch = 0;
  let pictures = 0;
  let begun = 0;
  const epochsDone: EpochReport[] = [];
  const fitCallback: CustomCallback = new CustomCallback({
    onTrainBegin: async () => {
      const { epochs = 1, initialEpoch = 0, steps, batchSize, samples } = fitCallback.params as FitParameters;
      const size = batchSize ?? NaN;
      const perEpoch = steps ?? (samples ? Math.ceil(samples / size) : NaN);
      // Of data whose size nobody knows, steps of earlier epochs cannot be told.
      step = initialEpoch === 0 ? 0 : initialEpoch * perEpoch || 0;
      epochsDone.length = 0;
      const count = samples ?? perEpoch * size;
      await callback.onBegin?.({ model, epochs, steps: epochs * perEpoch, step, epochsDone, count, batchSize: size });
    },
    onEpochBegin: async (index) => {
      epoch = index + 1;
      pictures = 0;
      begun = performance.now();
    },
    onBatchEnd: async (_, logs = {}) => {
      step++;
      const count = logs['size'] ?? NaN;
      pictures += count;
      const accuracy = accuracyIn(logs, '');
      const learningRate = rateOf(model);
      const loss = logs['loss'] ?? NaN;
      await callback.onStep?.({ step, epoch, loss, ...(accuracy !== undefined && { accuracy }), count, learningRate });
    },
    onEpochEnd: async (index, logs = {}) => {
      const report: EpochReport = {
        epoch: index + 1,
        step,
        train: scoreIn(logs, '', pictures)!,
        test: scoreIn(logs, 'val_', NaN),
        learningRate: rateOf(model),
        seconds: (performance.now() - begun) / 1000,
        waitedSeconds: 0,
        metrics: Object.fromEntries(Object.entries(logs).filter(([name]) => !KNOWN.has(name))),
      };
      if ((await callback.onEpoch?.(report)) === 'stop') model.stopTraining = true;
    },
    onTrainEnd: async () => callback.onEnd?.(),
  });
  return fitCallback;
}

function scoreIn(logs: Logs, prefix: string, count: number): Score | undefined {
  const loss = logs[`${prefix}loss`];
  if (loss === undefined && prefix !== '') return undefined;
  return { loss: loss ?? NaN, accuracy: accuracyIn(logs, prefix) ?? NaN, count };
}

function accuracyIn(logs: Logs, prefix: string): number | undefined {
  return ACCURACIES.map((name) => logs[`${prefix}${name}`]).find((value) => value !== undefined);
}

/** tfjs's optimizers keep it to themselves; NaN where there is none by that name. */
function rateOf(model: LayersModel): number {
  const { learningRate } = model.optimizer as unknown as { learningRate?: unknown };
  return typeof learningRate === 'number' ? learningRate : NaN;
}
