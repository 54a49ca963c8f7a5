import type { Variable } from '@tensorflow/tfjs-core';
import { flag, nonNegativeNumber, oneOf, onlyKnown, positiveInteger, refuse } from '../../checks.js';
import type { WeightAverage } from '../optimizers/weight-average.js';
import { namedVariables } from '../trainable.js';
import type { EpochReport, TrainerCallback } from './callback.js';

/** Numbers of an epoch that are always there, whether larger ones are better, and whether they are the training part's. */
const MONITORS = {
  testLoss: { of: ({ test }: EpochReport) => test?.loss, larger: false, training: false },
  testAccuracy: { of: ({ test }: EpochReport) => test?.accuracy, larger: true, training: false },
  trainLoss: { of: ({ train }: EpochReport) => train.loss, larger: false, training: true },
  trainAccuracy: { of: ({ train }: EpochReport) => train.accuracy, larger: true, training: true },
};

/** Options of earlyStopping. */
export interface EarlyStoppingOptions {
  /** 'testLoss' (default), 'testAccuracy', 'trainLoss', 'trainAccuracy', or one of the epoch's `metrics`. */
  readonly monitor?: string;
  /** Epochs without improvement after which training ends, the patience's last one included; default 5. */
  readonly patience?: number;
  /** What is no improvement yet: less than this, or as much; default 0. */
  readonly minDelta?: number;
  /** Whether 'min' or 'max' is best; default: of the four by their names, of metrics 'min'. */
  readonly mode?: 'min' | 'max';
  /**
   * Puts the best epoch's weights back when training ends without an error, whatever ended it; default false. The net then holds what was
   * measured: in a training with a WeightAverage the average as it was after that epoch, but where a number of the training part is
   * monitored the weights themselves; the WeightAverage stays as the last step left it. They are kept in memory: where the best epoch
   * lies before a checkpoint that training went on from, they are not there, and the net keeps the last step's weights.
   */
  readonly restoreBest?: boolean;
}

/** An epoch and what was monitored in it. */
export interface BestEpoch {
  /** From 1. */
  readonly epoch: number;
  /** Of the monitored number. */
  readonly value: number;
}

/** Ends a training that gets no better. */
export interface EarlyStopping extends TrainerCallback {
  /** The best epoch so far; undefined before the first. */
  readonly best: BestEpoch | undefined;
  /** Whether it ended the training. */
  readonly stopped: boolean;
}

/**
 * Ends the training after `patience` epochs in a row without improvement. A training that goes on from a checkpoint ends where it would
 * have ended: past epochs count. NaN is no improvement. Source: Keras's EarlyStopping.
 *
 * @throws ArgumentError for options that make no sense; in training for a monitor that an epoch does not have
 */
export function earlyStopping(options: EarlyStoppingOptions = {}): EarlyStopping {
  onlyKnown('earlyStopping', options, ['monitor', 'patience', 'minDelta', 'mode', 'restoreBest']);
  const { monitor = 'testLoss', patience = 5, minDelta = 0, restoreBest = false } = options;
  const known = Object.hasOwn(MONITORS, monitor) ? MONITORS[monitor as keyof typeof MONITORS] : undefined;
  const mode = oneOf('earlyStopping', 'mode', options.mode ?? (known?.larger ? 'max' : 'min'), ['min', 'max']);
  positiveInteger('earlyStopping', 'patience', patience);
  nonNegativeNumber('earlyStopping', 'minDelta', minDelta);
  flag('earlyStopping', 'restoreBest', restoreBest);
  const kept = keptWeights();
  let weights: readonly Variable[] = [];
  let measured: WeightAverage | undefined;
  let best: BestEpoch | undefined;
  let stopped = false;

  /** Whether the epoch is the best so far. */
  const improves = (report: EpochReport): boolean => {
    const value = known ? known.of(report) : report.metrics[monitor];
    if (value === undefined) {
      const valid = [...Object.keys(MONITORS).filter((name) => report.test || !name.startsWith('test'))];
      refuse(
        'earlyStopping',
        'monitor',
        `one of ${[...valid, ...Object.keys(report.metrics)].join(', ')} in this training`,
        monitor,
      );
    }
    const gain = best && (mode === 'max' ? value - best.value : best.value - value);
    if (Number.isNaN(value) || (gain !== undefined && !(gain > minDelta))) return false;
    best = { epoch: report.epoch, value };
    return true;
  };

  const bestEpoch = () => best?.epoch ?? 0;

  return {
    get best() {
      return best;
    },
    get stopped() {
      return stopped;
    },
    onBegin({ model, average, epochsDone }) {
      best = undefined;
      stopped = false;
      kept.dispose();
      weights = namedVariables(model).map(({ variable }) => variable);
      measured = known?.training ? undefined : average;
      for (const report of epochsDone) improves(report);
      const last = epochsDone.at(-1);
      stopped = last !== undefined && last.epoch - bestEpoch() >= patience;
      return stopped ? 'stop' : undefined;
    },
    async onEpoch(report) {
      if (improves(report)) {
        const take = () => kept.take(weights);
        if (restoreBest) await (measured ? measured.during(take) : take());
      } else if (report.epoch - bestEpoch() >= patience) {
        stopped = true;
        return 'stop';
      }
      return undefined;
    },
    onEnd(error) {
      if (error === undefined) kept.putBack();
      kept.dispose();
    },
  };
}

/** Copies of weights, made where the weights change. */
function keptWeights() {
  let copies: { variable: Variable; value: ReturnType<Variable['clone']> }[] = [];
  const dispose = () => {
    for (const { value } of copies) value.dispose();
    copies = [];
  };
  return {
    take(weights: readonly Variable[]) {
      dispose();
      copies = weights.map((variable) => ({ variable, value: variable.clone() }));
    },
    putBack() {
      for (const { variable, value } of copies) variable.assign(value);
    },
    dispose,
  };
}
