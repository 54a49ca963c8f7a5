import { dispose, type Scalar, type Tensor } from '@tensorflow/tfjs-core';
import { LayersModel } from '@tensorflow/tfjs-layers';
import { onlyKnown, positiveInteger, positiveNumber, refuse } from '../checks.js';
import type { BatchSource, TrainingBatch } from '../data/batch-source.js';
import type { Precision } from '../precision.js';
import type { EpochReport, TrainerCallback } from './callbacks/callback.js';
import type { CheckpointStore } from './checkpoints/checkpoint-store.js';
import { CompiledStep } from './compiled/compiled-step.js';
import { crossEntropy, expectLogits, type LossFunction } from './loss.js';
import type { CnnOptimizer } from './optimizers/cnn-optimizer.js';
import { GradientAccumulator } from './optimizers/gradient-accumulator.js';
import type { WeightAverage } from './optimizers/weight-average.js';
import { LossScaler } from './precision/loss-scaler.js';
import type { Schedule } from './schedules/schedule.js';
import { isSynchronous } from './synchronous.js';
import type { Trainable } from './trainable.js';
import { TrainingRun } from './training-run.js';
import { inputsOf, type StepParts, takeStep, tensorsOf } from './training-step.js';

/** When checkpoints are written, and where. */
export interface CheckpointOptions {
  /** Where they lie. */
  readonly store: CheckpointStore;
  /** Goes on from the newest checkpoint where there is one; default true. */
  readonly resume?: boolean;
  /** Writes one after so many steps, too; default: after each epoch, and after everySeconds. */
  readonly everySteps?: number;
  /** Writes one between two steps when the last is older; default 60. */
  readonly everySeconds?: number;
}

/** Options of a Trainer. */
export interface TrainerOptions {
  /** Stays the caller's: it can be used on, and has to be disposed. */
  readonly optimizer: CnnOptimizer;
  /** Default: crossEntropy(). One that changes its own constants between steps keeps them in a tf.Variable. */
  readonly loss?: LossFunction;
  /** Default: the optimizer's learning rate throughout. */
  readonly schedule?: Schedule;
  /**
   * Batches whose gradients are taken together before the weights change, as if they were one; default 1. Only batch normalisation
   * sees them one by one: its statistics are each batch's.
   */
  readonly accumulate?: number;
  /**
   * 'float16': the products of convolutions and dense layers see their factors as halves, forward and back, as in `autocast`; it takes
   * `accelerate('webgpu')`. Default 'float32'. Tests are float32 always.
   */
  readonly precision?: Precision;
  /**
   * Scales the loss, and leaves out steps whose gradients are not finite; on any backend. Default: where the precision is 'float16' a new
   * LossScaler(), else none. Stays the caller's.
   */
  readonly lossScaler?: LossScaler;
  /** A moving average of the weights: tests are made with it, and checkpoints keep it. */
  readonly average?: WeightAverage;
  /** Told what happens, in this order. */
  readonly callbacks?: readonly TrainerCallback[];
  /** Default: none are written. */
  readonly checkpoints?: CheckpointOptions;
}

/** Options of a training. */
export interface TrainerFitOptions {
  /** Passes over the training data; a positive integer. */
  readonly epochs: number;
  /** Scored after every epoch. */
  readonly test?: BatchSource;
  /** Ends the training between two steps: a checkpoint is written, where there is a store, and its reason is thrown. */
  readonly signal?: AbortSignal;
}

/** What a training gave. */
export interface TrainResult {
  /** Loss of every step, before its update; of resumed trainings from the very first on. */
  readonly losses: readonly number[];
  /** Share of right answers in every step's batch. */
  readonly accuracies: readonly number[];
  /** Every epoch, in order. */
  readonly epochs: readonly EpochReport[];
  /** Of training, tests and checkpoints not counted. */
  readonly seconds: number;
  /** Pictures a second. */
  readonly imagesPerSecond: number;
  /** The checkpoint it went on from. */
  readonly resumedFrom?: string;
}

/**
 * Trains a net: steps, schedule, tests, checkpoints and whatever callbacks do.
 *
 *     const trainer = new Trainer(resNet18(), { optimizer: new Sgd({ learningRate: 0.1, momentum: 0.9 }), schedule: oneCycle() });
 *     await trainer.fit(train, { epochs: 20, test });
 */
export class Trainer {
  /** What takes part in a step. @internal */
  readonly parts: StepParts;
  /** Steps after which the weights change, and, where several batches are taken together, the others. */
  private readonly updating: CompiledStep;
  private readonly collecting: CompiledStep;
  /** Where it is not the caller's. */
  private readonly ownScaler: LossScaler | undefined;

  /**
   * @param net     a classifier that gives logits, unless another loss is given; its weights are changed in place. It stays the caller's
   * @param options the optimizer stays the caller's, too
   * @throws ArgumentError for a model that ends in softmax, or numbers that make no sense
   */
  constructor(
    readonly net: Trainable,
    readonly options: TrainerOptions,
  ) {
    checkOptions(options);
    const { optimizer, average, loss, accumulate = 1, precision, lossScaler } = options;
    if (!loss) expectLogits('Trainer', net);
    positiveInteger('Trainer', 'accumulate', accumulate);
    const accumulator = accumulate > 1 ? new GradientAccumulator() : undefined;
    optimizer.bind(net instanceof LayersModel ? net : Object.fromEntries(net.variables.map((weight) => [weight.name, weight])));
    this.ownScaler = precision === 'float16' && !lossScaler ? new LossScaler() : undefined;
    const scaling = { precision, lossScaler: lossScaler ?? this.ownScaler };
    this.parts = { net, optimizer, average, accumulator, loss: loss ?? crossEntropy(), ...scaling };
    const step = (update: boolean) =>
      new CompiledStep(
        net,
        (inputs) => takeStep(this.parts, inputs, update),
        ([value]) => Number.isFinite(value),
      );
    this.updating = step(true);
    this.collecting = step(false);
  }

  /**
   * Trains.
   * @throws DivergedError where the loss is no number any more; CheckpointError where a checkpoint cannot be written, or is of another
   *   training; whatever the data and callbacks throw
   */
  async fit(data: BatchSource, options: TrainerFitOptions): Promise<TrainResult> {
    onlyKnown('Trainer.fit', options, ['epochs', 'test', 'signal']);
    positiveInteger('fit', 'epochs', options.epochs);
    for (const [name, source] of Object.entries({ data, test: options.test })) {
      if (name === 'test' && source === undefined) continue;
      if (typeof source?.epoch !== 'function') refuse('fit', name, 'a BatchSource, a DataLoader say', source);
    }
    if (data.count === 0) refuse('fit', 'data', 'a source with pictures', data.count);
    return new TrainingRun(this, data, options).run();
  }

  /**
   * One step: forward pass, backward pass and, unless `update` is false, the update. Where the loss is no number the weights stay as
   * they are, but on GPUs and in the very first steps, which are recorded.
   * @returns the batch's mean loss and the net's main output, which are the caller's to dispose
   */
  step(batch: TrainingBatch, update = true): { loss: Scalar; output: Tensor } {
    const compiled = update ? this.updating : this.collecting;
    if (!compiled.whyEager) {
      const [loss, output] = compiled.run(inputsOf(batch)) as [Scalar, Tensor];
      return { loss, output };
    }
    const inputs = tensorsOf(batch);
    const [loss, output] = takeStep(this.parts, inputs, update, isSynchronous());
    dispose(inputs);
    return { loss, output };
  }

  /** Why steps run on tfjs's tape and are not compiled; undefined where they are, or will be after the first few. */
  get whyEager(): string | undefined {
    return this.updating.whyEager;
  }

  /** Gives memory back that is held between steps for their speed only; the next step takes it again. */
  rest(): void {
    this.updating.rest();
    this.collecting.rest();
  }

  /** Lets go of what it holds itself; net and optimizer stay. */
  dispose(): void {
    this.updating.dispose();
    this.collecting.dispose();
    this.parts.accumulator?.dispose();
    this.ownScaler?.dispose();
  }
}

/** What JavaScript would find out about in the middle of a training, or never. */
function checkOptions(options: TrainerOptions): void {
  const known = ['optimizer', 'loss', 'schedule', 'accumulate', 'precision', 'lossScaler', 'average', 'callbacks', 'checkpoints'];
  onlyKnown('Trainer', options, known);
  const { optimizer, loss, schedule, precision, lossScaler, callbacks, checkpoints } = options;
  const expect = (valid: boolean, argument: string, expected: string, value: unknown) =>
    valid || refuse('Trainer', argument, expected, typeof value === 'function' ? 'a function' : value);
  // tfjs's optimizers say of everything that it is one of their classes.
  expect(
    typeof optimizer?.bind === 'function',
    'optimizer',
    "one of this package's, new Sgd({ learningRate: 0.1 }) say",
    optimizer,
  );
  expect(loss === undefined || typeof loss === 'function', 'loss', 'a function, crossEntropy() say', loss);
  expect(
    schedule === undefined || typeof schedule?.learningRate === 'function',
    'schedule',
    'a schedule, cosine() say: called',
    schedule,
  );
  expect(
    precision === undefined || precision === 'float32' || precision === 'float16',
    'precision',
    "'float32' or 'float16'",
    precision,
  );
  expect(lossScaler === undefined || typeof lossScaler?.judge === 'function', 'lossScaler', 'a LossScaler', lossScaler);
  expect(callbacks === undefined || Array.isArray(callbacks), 'callbacks', 'a list of callbacks', callbacks);
  if (checkpoints === undefined) return;
  onlyKnown('Trainer: checkpoints', checkpoints, ['store', 'resume', 'everySteps', 'everySeconds']);
  const { store, everySteps, everySeconds } = checkpoints;
  expect(typeof store?.save === 'function', 'checkpoints.store', "a store, new FolderCheckpoints('run') say", store);
  if (everySteps !== undefined) positiveInteger('Trainer', 'checkpoints.everySteps', everySteps);
  if (everySeconds !== undefined) positiveNumber('Trainer', 'checkpoints.everySeconds', everySeconds);
}
