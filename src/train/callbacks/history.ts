import type { EpochReport, StepReport, TrainerCallback } from './callback.js';

/** Collects what a training tells. */
export interface History extends TrainerCallback {
  /** Every step, in order; of a training that goes on, those since then. */
  readonly steps: readonly StepReport[];
  /** Every epoch, in order; of a training that goes on, from the very first on. */
  readonly epochs: readonly EpochReport[];
  /** The steps' losses. */
  readonly losses: readonly number[];
  /** The steps' shares of right answers; NaN where there is none. */
  readonly accuracies: readonly number[];
  /** The steps' learning rates. */
  readonly learningRates: readonly number[];
}

/** A callback that keeps all reports: what `learningCurve` draws. A second training begins anew. */
export function history(): History {
  const steps: StepReport[] = [];
  const epochs: EpochReport[] = [];
  return {
    steps,
    epochs,
    get losses() {
      return steps.map(({ loss }) => loss);
    },
    get accuracies() {
      return steps.map(({ accuracy = NaN }) => accuracy);
    },
    get learningRates() {
      return steps.map(({ learningRate }) => learningRate);
    },
    onBegin({ epochsDone }) {
      steps.length = 0;
      epochs.splice(0, epochs.length, ...epochsDone);
    },
    onStep: (report) => void steps.push(report),
    onEpoch: (report) => void epochs.push(report),
  };
}
