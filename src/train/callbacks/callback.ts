import type { StoredCheckpoint } from '../checkpoints/checkpoint-store.js';
import type { WeightAverage } from '../optimizers/weight-average.js';
import type { Score } from '../score.js';
import type { Trainable } from '../trainable.js';

/** A training that begins or goes on. */
export interface TrainingStart {
  /** The net that is trained. */
  readonly model: Trainable;
  /** Of its weights, where there is one: tests are made with it, while callbacks see the net with the weights that are trained. */
  readonly average?: WeightAverage;
  /** Epochs in all. */
  readonly epochs: number;
  /** Steps in all. */
  readonly steps: number;
  /** Steps done before: 0, or what the checkpoint holds. */
  readonly step: number;
  /** Epochs done before, from the very first on: none, or what the checkpoint holds. */
  readonly epochsDone: readonly EpochReport[];
  /** The checkpoint it goes on from, and newer ones that were damaged. */
  readonly resumedFrom?: Pick<StoredCheckpoint, 'name' | 'damaged'>;
  /** Pictures an epoch. */
  readonly count: number;
  /** Pictures a step. */
  readonly batchSize: number;
}

/** One step, after it. */
export interface StepReport {
  /** Steps done, from 1. */
  readonly step: number;
  /** The epoch it belongs to, from 1. */
  readonly epoch: number;
  /** The batch's mean loss. */
  readonly loss: number;
  /** Share of right answers in the batch, in [0, 1]; not of mixed pictures. */
  readonly accuracy?: number;
  /** Pictures in the batch. */
  readonly count: number;
  /** Of this step. */
  readonly learningRate: number;
}

/** One epoch, after its test. */
export interface EpochReport {
  /** From 1. */
  readonly epoch: number;
  /** Steps done. */
  readonly step: number;
  /** On the training data, while the weights changed. */
  readonly train: Score;
  /** On the test data, where there are any. */
  readonly test?: Score;
  /** Of its last step. */
  readonly learningRate: number;
  /** Of training, the test not counted. */
  readonly seconds: number;
  /** The part of them that training waited for data. */
  readonly waitedSeconds: number;
  /** Further numbers by name, of callbacks and metrics. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** What a callback may say to an epoch, or before the first: nothing, or that there is to be no other. */
// biome-ignore lint/suspicious/noConfusingVoidType: a callback that returns nothing is the usual one
export type EpochAnswer = void | 'stop';

/** Is told what happens in a training. A promise is waited for. */
export interface TrainerCallback {
  /** Before the first step. */
  /** 'stop' where there is nothing left to do: of a training that goes on from where it was stopped. */
  onBegin?(start: TrainingStart): EpochAnswer | Promise<EpochAnswer>;
  /** After every step, in order; on a GPU some steps later, when the numbers are there. */
  onStep?(report: StepReport): void | Promise<void>;
  /** 'stop' ends the training here, as if it were over. */
  onEpoch?(report: EpochReport): EpochAnswer | Promise<EpochAnswer>;
  /** At the end, however it came: error undefined where all went well. */
  onEnd?(error?: unknown): void | Promise<void>;
}
