import { keep, type Scalar, type Tensor2D, tensor1d, tensor4d, tidy, type Variable } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type Batch, batchCount, batches } from '../data/batches.js';
import type { ImageDataset } from '../data/dataset.js';
import type { Normalization } from '../data/normalization.js';
import { ArgumentError } from '../geometry.js';
import { mixSeeds } from '../random.js';
import { breathing } from './breathe.js';
import { evaluate } from './evaluate.js';
import { checkLearningRate, cosineDecay, type Schedule } from './learning-rate.js';
import type { ScheduledOptimizer } from './optimizer.js';
import { type Score, ScoreKeeper } from './score.js';
import { trainingLoss } from './training-loss.js';

/** Options of trainModel. */
export interface TrainOptions {
  /** Pictures to learn from. */
  readonly train: ImageDataset;
  /** Scored after every epoch. */
  readonly test?: ImageDataset;
  /** Mean and deviation that pictures are scaled by; usually normalizationOf(train). */
  readonly normalization: Normalization;
  /** Passes over the training data; a positive integer. */
  readonly epochs: number;
  /** Pictures a step; the last step of an epoch may have fewer. */
  readonly batchSize: number;
  /** Disposed at the end. */
  readonly optimizer: ScheduledOptimizer;
  /** At the first step. */
  readonly learningRate: number;
  /** Default: cosineDecay. */
  readonly schedule?: Schedule;
  /** Order of the pictures, another one every epoch. Default 1. */
  readonly seed?: number;
  /** Ends the training between two steps; its reason is thrown. */
  readonly signal?: AbortSignal;
  /** Called some times a second and at the end of every epoch, before its test. */
  readonly onProgress?: (progress: TrainProgress) => void;
  /** Called at the end of every epoch, after its test. */
  readonly onEpoch?: (epoch: EpochResult) => void;
}

/** How far a training is. */
export interface TrainProgress {
  /** Steps done, in all epochs. */
  readonly step: number;
  /** Steps in all. */
  readonly steps: number;
  /** From 1. */
  readonly epoch: number;
  /** Over the epoch so far. */
  readonly train: Score;
  /** Since the last call. */
  readonly imagesPerSecond: number;
}

/** What an epoch gave. */
export interface EpochResult {
  /** From 1. */
  readonly epoch: number;
  /** On the training data, while the weights changed. */
  readonly train: Score;
  /** On the test data, where there are any. */
  readonly test?: Score;
  /** Of training, the test not counted. */
  readonly seconds: number;
}

/** What a training gave. */
export interface TrainResult {
  /** Every step's batch. */
  readonly steps: readonly Score[];
  /** Every epoch, in order. */
  readonly epochs: readonly EpochResult[];
  /** Of training, tests not counted. */
  readonly seconds: number;
  /** Pictures a second. */
  readonly imagesPerSecond: number;
}

/** The loss is no number any more. */
export class DivergedError extends Error {
  override readonly name = 'DivergedError';
}

/** Milliseconds between two calls of onProgress. */
const REPORT_EVERY = 100;

/**
 * Trains a classifier with softmax cross-entropy, plus what the layers' regularizers ask for.
 *
 * Steps are run one by one, without `fit`: what tfjs-layers does around a step of a small net takes
 * longer than the step.
 *
 * @param model gives logits, [batch, classes], maybe with auxiliary heads behind them (see setLossWeights); its trainable
 *   weights are changed in place
 * @throws ArgumentError for numbers that make no sense or a model that ends in softmax, DivergedError where the loss is no number any more
 */
export async function trainModel(model: LayersModel, options: TrainOptions): Promise<TrainResult> {
  check(model, options);
  const results: EpochResult[] = [];
  const loop = new TrainLoop(model, options);
  try {
    for (let epoch = 1; epoch <= options.epochs; epoch++) {
      const { train, seconds } = await loop.run(epoch);
      const { test, signal, normalization } = options;
      const result = { epoch, train, seconds, test: test && (await evaluate(model, test, { normalization, signal })) };
      results.push(result);
      options.onEpoch?.(result);
    }
  } finally {
    loop.dispose();
  }
  const seconds = results.reduce((sum, epoch) => sum + epoch.seconds, 0);
  return { steps: loop.steps, epochs: results, seconds, imagesPerSecond: (options.epochs * options.train.count) / seconds };
}

function check(model: LayersModel, { epochs, learningRate, train }: TrainOptions): void {
  const last = model.outputs[0]!.sourceLayer;
  if (last.getConfig()['activation'] === 'softmax') {
    throw new ArgumentError(
      `trainModel: the model must give logits, but '${last.name}' ends in softmax; ` +
        "nets of the zoo are built without by classifierActivation: 'linear'",
    );
  }
  checkLearningRate(learningRate);
  if (!Number.isInteger(epochs) || epochs < 1) throw new ArgumentError(`epochs must be a positive integer, got ${epochs}`);
  if (train.count === 0) throw new ArgumentError('the training part must have pictures, got none');
}

class TrainLoop {
  private readonly variables: Variable[];
  readonly steps: Score[] = [];
  private readonly keeper = new ScoreKeeper((score) => this.steps.push(score));
  private readonly stepsPerEpoch: number;
  private step = 0;

  constructor(
    private readonly model: LayersModel,
    private readonly options: TrainOptions,
  ) {
    this.variables = model.trainableWeights.map((weight) => weight.read() as Variable);
    this.stepsPerEpoch = batchCount(options.train.count, options);
  }

  /** Takes one pass over the pictures. */
  async run(epoch: number): Promise<{ train: Score; seconds: number }> {
    const { train, batchSize, normalization, seed = 1, signal } = this.options;
    const breathe = breathing();
    const begin = performance.now();
    let reported = begin;
    let reportedCount = 0;
    this.keeper.reset();
    for (const batch of batches(train, { batchSize, normalization, seed: mixSeeds(seed, epoch) })) {
      this.takeStep(batch);
      await breathe();
      signal?.throwIfAborted();
      const now = performance.now();
      if (now - reported < REPORT_EVERY) continue;
      const score = await this.score();
      this.report(epoch, score, (1000 * (score.count - reportedCount)) / (now - reported));
      reported = now;
      reportedCount = score.count;
    }
    const score = await this.score();
    const seconds = (performance.now() - begin) / 1000;
    this.report(epoch, score, score.count / seconds);
    return { train: score, seconds };
  }

  dispose(): void {
    this.keeper.reset();
    this.options.optimizer.dispose();
  }

  private takeStep({ images, labels, size }: Batch): void {
    const { train, optimizer, learningRate, schedule = cosineDecay, epochs } = this.options;
    optimizer.setLearningRate(learningRate * schedule(this.step++ / (epochs * this.stepsPerEpoch)));
    tidy(() => {
      const x = tensor4d(images, [size, train.height, train.width, train.channels]);
      const y = tensor1d(Float32Array.from(labels));
      let logits: Tensor2D | undefined;
      const loss = optimizer.minimize(
        () => {
          const result = trainingLoss(this.model, x, y);
          logits = keep(result.logits);
          return result.loss;
        },
        true,
        this.variables,
      ) as Scalar;
      this.keeper.add(keep(loss), logits as Tensor2D, labels);
    });
  }

  private async score(): Promise<Score> {
    const score = await this.keeper.read();
    if (!Number.isFinite(score.loss)) {
      throw new DivergedError(`the loss is ${score.loss} after ${this.step} steps; a lower learning rate may help`);
    }
    return score;
  }

  private report(epoch: number, train: Score, imagesPerSecond: number): void {
    const steps = this.options.epochs * this.stepsPerEpoch;
    this.options.onProgress?.({ step: this.step, steps, epoch, train, imagesPerSecond });
  }
}
