import { type DeviceWatch, watchDevice } from '../backends/device-watch.js';
import type { BatchSource, TrainingBatch } from '../data/batch-source.js';
import { DataError } from '../data/dataset.js';
import { breathing } from './breathe.js';
import type { EpochReport, StepReport, TrainerCallback, TrainingStart } from './callbacks/callback.js';
import { explained } from './device-errors.js';
import { DivergedError, firstToGo, strangeNumbers } from './diverged.js';
import { evaluate } from './evaluate.js';
import type { Schedule } from './schedules/schedule.js';
import { rankOf, ScoreSum } from './score.js';
import { type BatchResult, StepResults } from './step-results.js';
import { isSynchronous } from './synchronous.js';
import type { Trainer, TrainerFitOptions, TrainResult } from './trainer.js';
import { TrainingCheckpoints } from './training-checkpoints.js';
import type { Position } from './training-state.js';
import { tensorsOf } from './training-step.js';

/** Milliseconds after which results are fetched that are not there when a step is done. */
const FETCH_EVERY_MS = 100;

/** What is known of a batch before its results are. */
type StepFacts = Pick<StepReport, 'step' | 'epoch' | 'learningRate'> & {
  /** Whether the weights changed after it. */
  readonly last: boolean;
};

/** One training, from its first step or from a checkpoint to its end. */
export class TrainingRun {
  private readonly schedule: Schedule | undefined;
  private readonly callbacks: readonly TrainerCallback[];
  private readonly baseRate: number;
  private readonly stepsPerEpoch: number;
  private readonly checkpoints: TrainingCheckpoints;
  private readonly results = new StepResults<StepFacts>((result, facts) => this.take(result, facts));

  /** Of the backend that is current when the training begins. */
  private readonly device: DeviceWatch = watchDevice();
  private step = 0;
  private epoch = 0;
  private batch = 0;
  private losses: number[] = [];
  private accuracies: number[] = [];
  private epochs: EpochReport[] = [];
  private epochScore = new ScoreSum();
  /** Of the batches that are taken together. */
  private stepScore = new ScoreSum();
  private seconds = 0;
  private waitedSeconds = 0;
  private learningRate: number;
  private resumedFrom: TrainingStart['resumedFrom'];
  private lastBatch: TrainingBatch | undefined;

  constructor(
    private readonly trainer: Trainer,
    private readonly data: BatchSource,
    private readonly options: TrainerFitOptions,
  ) {
    const { optimizer, schedule, callbacks = [], accumulate = 1, checkpoints } = trainer.options;
    this.schedule = schedule;
    this.callbacks = callbacks;
    this.baseRate = optimizer.learningRate;
    this.learningRate = this.baseRate;
    this.stepsPerEpoch = Math.ceil(data.batchesPerEpoch / accumulate);
    // The recipe takes a look at all labels: for checkpoints only.
    const recipe = checkpoints && data.recipe;
    const facts = { count: data.count, batchSize: data.batchSize, shape: data.shape, accumulate, recipe };
    this.checkpoints = new TrainingCheckpoints({ ...trainer.parts, schedule }, facts, checkpoints, this.device);
  }

  /** Trains until the end, or until a callback, a signal or an error ends it. */
  async run(): Promise<TrainResult> {
    const { options, data, trainer } = this;
    let failure: unknown;
    try {
      await this.resume();
      const { epochs } = options;
      const start = {
        model: trainer.net,
        average: trainer.options.average,
        epochs,
        steps: epochs * this.stepsPerEpoch,
        step: this.step,
        count: data.count,
        resumedFrom: this.resumedFrom,
      };
      let stop: 'stop' | undefined;
      for (const callback of this.callbacks) {
        const answer = await callback.onBegin?.({ ...start, epochsDone: [...this.epochs], batchSize: data.batchSize });
        if (answer === 'stop') stop = 'stop';
      }
      while (this.epoch < epochs && stop !== 'stop') stop = await this.runEpoch();
    } catch (error) {
      failure = explained(error, await this.device.settled(), this.losses.length, this.checkpoints.last);
      throw failure;
    } finally {
      this.results.dispose();
      trainer.options.optimizer.setLearningRate(this.baseRate);
      await this.checkpoints.end();
      await this.tellEnd(failure);
    }
    const seconds = this.epochs.reduce((sum, epoch) => sum + epoch.seconds, 0);
    const { losses, accuracies, epochs, resumedFrom } = this;
    return {
      losses,
      accuracies,
      epochs,
      seconds,
      imagesPerSecond: (epochs.length * data.count) / seconds,
      resumedFrom: resumedFrom?.name,
    };
  }

  /** Tells every callback, whatever the others throw: files must be closed. What ended the training counts more than what they throw. */
  private async tellEnd(failure: unknown): Promise<void> {
    const failures: unknown[] = [];
    for (const callback of this.callbacks) {
      try {
        await callback.onEnd?.(failure);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failure === undefined && failures.length > 0) throw failures[0];
  }

  private async runEpoch(): Promise<'stop' | undefined> {
    const { data, trainer, options } = this;
    const { accumulate = 1 } = trainer.options;
    const breathe = breathing();
    let since = performance.now();
    let waited = data.waitedMs;
    let fetched = since;
    const clock = () => {
      const now = performance.now();
      this.seconds += (now - since) / 1000;
      this.waitedSeconds += (data.waitedMs - waited) / 1000;
      since = now;
      waited = data.waitedMs;
    };
    let together = 0;
    for await (const batch of data.epoch(this.epoch, this.batch)) {
      if (together === 0) this.moveLearningRate();
      this.batch++;
      together++;
      const last = together === accumulate || this.batch === data.batchesPerEpoch;
      this.lastBatch = batch;
      const { loss, output } = trainer.step(batch, last);
      if (last) {
        this.step++;
        together = 0;
      }
      const { step, epoch, learningRate } = this;
      this.results.add(loss, output, batch, { step: last ? step : step + 1, epoch: epoch + 1, learningRate, last });
      if (isSynchronous() || performance.now() - fetched > FETCH_EVERY_MS) {
        await this.readResults();
        fetched = performance.now();
      }
      await breathe();
      if (!last) continue;
      if (options.signal?.aborted || this.checkpoints.isDue(this.step)) {
        await this.readResults();
        clock();
        await this.checkpoints.save(this.position());
        since = performance.now();
      }
      options.signal?.throwIfAborted();
    }
    await this.readResults();
    clock();
    return this.endEpoch();
  }

  /** Tests, tells, and writes a checkpoint from which the next epoch begins. */
  private async endEpoch(): Promise<'stop' | undefined> {
    const { trainer, options } = this;
    const { average } = trainer.options;
    const { test, signal } = options;
    trainer.rest();
    const score = async () => test && (await evaluate(trainer.net, test, { loss: trainer.parts.loss, signal }));
    const tested = await this.device.during(average ? average.during(score) : score());
    this.expectSound();
    this.schedule?.observe?.(tested?.loss ?? this.epochScore.score.loss);
    const report: EpochReport = {
      epoch: ++this.epoch,
      step: this.step,
      train: this.epochScore.score,
      test: tested,
      learningRate: this.learningRate,
      seconds: this.seconds,
      waitedSeconds: this.waitedSeconds,
      metrics: {},
    };
    this.epochs.push(report);
    this.batch = 0;
    this.epochScore = new ScoreSum();
    this.seconds = 0;
    this.waitedSeconds = 0;
    let stop: 'stop' | undefined;
    for (const callback of this.callbacks) if ((await callback.onEpoch?.(report)) === 'stop') stop = 'stop';
    await this.checkpoints.save(this.position(), tested && rankOf(tested));
    return stop;
  }

  private moveLearningRate(): void {
    const { schedule, step, epoch, stepsPerEpoch, options, trainer, baseRate } = this;
    if (!schedule) return;
    const moment = { step, epoch, steps: options.epochs * stepsPerEpoch, epochs: options.epochs };
    this.learningRate = schedule.learningRate(baseRate, moment);
    trainer.options.optimizer.setLearningRate(this.learningRate);
    if (schedule.momentum) trainer.options.optimizer.setMomentum(schedule.momentum(moment));
  }

  /** Results that a lost device gives are zeros, or never come. */
  private readResults(): Promise<void> {
    return this.device.during(this.results.read());
  }

  /** @throws Error where what was read last may come from a device that has failed */
  private expectSound(): void {
    const { failure } = this.device;
    if (failure) throw new Error(failure.message);
  }

  /** A batch's results, which come in order. */
  private async take({ loss, right, count }: BatchResult, { last, ...facts }: StepFacts): Promise<void> {
    this.expectSound();
    if (!Number.isFinite(loss)) throw await this.diverged(facts.step, loss);
    this.epochScore.add(loss, right, count);
    this.stepScore.add(loss, right, count);
    if (!last) return;
    const { score } = this.stepScore;
    // A single batch's loss is told as the bits it has, not as loss times count by count.
    const told = score.count === count ? loss : score.loss;
    this.stepScore = new ScoreSum();
    this.losses.push(Math.fround(told));
    this.accuracies.push(Math.fround(score.accuracy));
    const report: StepReport = { ...facts, loss: told, accuracy: score.accuracy, count: score.count };
    for (const callback of this.callbacks) {
      const wait = callback.onStep?.(report);
      if (wait) await wait;
    }
  }

  private async diverged(step: number, loss: number): Promise<Error> {
    const strange = strangeNumbers(this.lastBatch!);
    if (strange) return new DataError('the training data', strange.expected, strange.found);
    const inputs = tensorsOf(this.lastBatch!);
    const weight = await firstToGo(this.trainer.parts, inputs);
    for (const input of inputs) input.dispose();
    return new DivergedError(step, loss, weight, this.checkpoints.last);
  }

  private async resume(): Promise<void> {
    const found = await this.checkpoints.begin();
    if (!found) return;
    const { position } = found;
    ({ step: this.step, epoch: this.epoch, batch: this.batch } = position);
    ({ seconds: this.seconds, waitedSeconds: this.waitedSeconds } = position);
    this.losses = [...position.losses];
    this.accuracies = [...position.accuracies];
    this.epochs = [...position.epochs];
    this.epochScore = ScoreSum.from(position.score);
    this.resumedFrom = found.from;
  }

  private position(): Position {
    const { step, epoch, batch, seconds, waitedSeconds, epochs, losses, accuracies } = this;
    return { step, epoch, batch, seconds, waitedSeconds, epochs, losses, accuracies, score: this.epochScore.state() };
  }
}
