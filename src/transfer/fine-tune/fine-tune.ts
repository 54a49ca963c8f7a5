/** A trained net on other pictures. */
import { LayersModel } from '@tensorflow/tfjs-layers';
import { flag, nonNegativeInteger, onlyKnown, positiveNumber, refuse } from '../../checks.js';
import type { BatchSource } from '../../data/batch-source.js';
import { ArgumentError } from '../../geometry.js';
import type { EpochReport, TrainerCallback } from '../../train/callbacks/callback.js';
import { expectLogits, type LossFunction } from '../../train/loss.js';
import { AdamW } from '../../train/optimizers/adam-w.js';
import type { CnnOptimizer, OptimizerOptions } from '../../train/optimizers/cnn-optimizer.js';
import { type CheckpointOptions, Trainer, type TrainResult } from '../../train/trainer.js';
import { FeatureSource } from '../features/feature-source.js';
import { firstThatLearns, setFrozen } from '../freeze.js';
import { splitFrozen } from '../split-frozen.js';
import { type TrainableReport, trainableReport } from '../trainable-report.js';
import { type LayerGroups, layerGroups, parameterGroups, rateScales } from './layer-groups.js';
import { type Phase, phasesOf } from './phases.js';

/** Options of fineTune. */
export interface FineTuneOptions {
  /** Passes over the data once more than the head learns; 0: the head alone. */
  readonly epochs: number;
  /** Passes before, of the head alone; default 1. */
  readonly freezeEpochs?: number;
  /** The head's highest rate in its own phase; half of it afterwards. Default 2e-3. */
  readonly baseLr?: number;
  /** How many times slower than the head the first layers learn; default 100. */
  readonly lrMult?: number;
  /** Layers or stages at which groups with rates of their own begin, the head last; default: two halves of the body, and the head. */
  readonly groups?: readonly string[];
  /** Unfreezes one group after the other, the last one first; default false: all at once. */
  readonly gradual?: boolean;
  /** In place of groups' rates each block or layer learns so many times as fast as the one behind it, in (0, 1]; 0.75 say. */
  readonly layerDecay?: number;
  /** Layer, stage or share, as `freezeUntil` takes it, before which nothing ever learns; default: everything does in the end. */
  readonly frozenUntil?: string | number;
  /** Of AdamW; default 0.01. */
  readonly weightDecay?: number;
  /** Another optimizer, made for each phase with these options; default: AdamW with fastai's numbers (beta 2 0.99, epsilon 1e-5). */
  readonly optimizer?: (options: Pick<OptimizerOptions, 'learningRate' | 'groups' | 'weightDecay'>) => CnnOptimizer;
  /** Default: crossEntropy(). */
  readonly loss?: LossFunction;
  /** Scored after every epoch. */
  readonly test?: BatchSource;
  /** Told what happens in each phase, a training of its own; or made for each, by its number from 0. */
  readonly callbacks?: readonly TrainerCallback[] | ((phase: number) => readonly TrainerCallback[]);
  /** Where the checkpoints of each phase lie, by its number from 0: places of their own. Called again it goes on from the last. */
  readonly checkpoints?: (phase: number) => CheckpointOptions;
  /** Whether features of frozen layers are kept; default: as FeatureSource does. */
  readonly cache?: boolean;
  /** See FeatureSource. */
  readonly augmentedEpochs?: number;
  /** See FeatureSource. */
  readonly cacheBytes?: number;
  /** Ends it between two steps; its reason is thrown. */
  readonly signal?: AbortSignal;
}

/** A stretch of a fine-tuning in which the same layers learned. */
export interface FineTunePhase {
  /** 'head', 'all', or which group was the first to learn. */
  readonly name: string;
  /** What learned. */
  readonly report: TrainableReport;
  /** The layer up to which the net was run forward only; undefined where all was on the tape. */
  readonly frozenAfter?: string;
  /** How it went. */
  readonly result: TrainResult;
}

/** What a fine-tuning gave: a course that learningCurve draws. */
export interface FineTuneResult extends Pick<TrainResult, 'losses' | 'accuracies' | 'epochs' | 'seconds'> {
  /** Its phases, in order. */
  readonly phases: readonly FineTunePhase[];
}

const OPTIONS = [
  ...['epochs', 'freezeEpochs', 'baseLr', 'lrMult', 'groups', 'gradual', 'layerDecay', 'frozenUntil', 'weightDecay', 'optimizer'],
  ...['loss', 'test', 'callbacks', 'checkpoints', 'cache', 'augmentedEpochs', 'cacheBytes', 'signal'],
];

/**
 * Trains a net that knows other pictures on: first its head with everything before it frozen, then all of it, with early layers a hundred
 * times slower than the head, each along one cycle of the learning rate.
 *
 *     const model = replaceHead(await fromPretrained('cifarResNet20-fashion'), { classes: 2, seed: 1 });
 *     const { epochs } = await fineTune(model, train, { epochs: 3, test });
 *
 * In each phase the layers that are frozen are run forward only, and where the pictures stay the same just once. Frozen batch
 * normalisation runs on its moving statistics; fastai trains it on even where the rest is frozen. Each phase has an optimizer of its own.
 * Afterwards the layers of the last phase are those that learn.
 *
 * @param model a classifier that gives logits, unless another loss is given; changed in place
 * @param data  batches of pictures
 * @throws ArgumentError naming the option that is wrong; what Trainer.fit throws
 * Source: fastai's Learner.fine_tune; layer-wise decay: Clark et al.: ELECTRA, arXiv 2003.10555, and timm.
 */
export async function fineTune(model: LayersModel, data: BatchSource, options: FineTuneOptions): Promise<FineTuneResult> {
  const where = 'fineTune';
  const { groups, phases } = planOf(model, data, options);
  const { lrMult = 100, layerDecay } = options;
  const scales = rateScales(model, groups, { lrMult, layerDecay });
  const done: FineTunePhase[] = [];
  for (const [number, phase] of phases.entries()) {
    setFrozen(model, new Set(groups.places.slice(0, phase.first).map(({ layer }) => layer)));
    const report = trainableReport(model);
    if (report.trainable === 0) throw new ArgumentError(`${where}: frozenUntil leaves nothing that could learn`);
    const split = splitFrozen(model);
    const net = split?.rest ?? model;
    const { cache, augmentedEpochs, cacheBytes, test } = options;
    const kept = { cache, augmentedEpochs, cacheBytes };
    const train = split ? new FeatureSource(data, split.prefix, defined(kept)) : data;
    const tested = split && test ? new FeatureSource(test, split.prefix, defined({ cacheBytes })) : test;
    try {
      const result = await trained(net, train, tested, phase, number, parameterGroups(net, scales), options);
      done.push({ name: phase.name, report, result, ...(split && { frozenAfter: split.after }) });
    } finally {
      if (split) await Promise.all([train.close(), tested?.close()]);
      split?.dispose();
    }
  }
  return { ...joined(done), phases: done };
}

function planOf(model: LayersModel, data: BatchSource, options: FineTuneOptions): { groups: LayerGroups; phases: Phase[] } {
  const where = 'fineTune';
  if (!(model instanceof LayersModel)) refuse(where, 'model', 'a tf.LayersModel', model);
  onlyKnown(where, options, OPTIONS);
  if (typeof data?.epoch !== 'function') refuse(where, 'data', 'a BatchSource, a DataLoader say', data);
  if (!options.loss) expectLogits(where, model);
  const { epochs, freezeEpochs = 1, baseLr = 2e-3, lrMult = 100, gradual = false, layerDecay, frozenUntil } = options;
  nonNegativeInteger(where, 'epochs', epochs);
  nonNegativeInteger(where, 'freezeEpochs', freezeEpochs);
  if (epochs + freezeEpochs === 0) refuse(where, 'epochs', 'above 0 where freezeEpochs is 0', epochs);
  positiveNumber(where, 'baseLr', baseLr);
  positiveNumber(where, 'lrMult', lrMult);
  flag(where, 'gradual', gradual);
  if (layerDecay !== undefined && !(layerDecay > 0 && layerDecay <= 1))
    refuse(where, 'layerDecay', 'a number in (0, 1]', layerDecay);
  if (layerDecay !== undefined && options.lrMult !== undefined) {
    refuse(where, 'lrMult', 'left out beside layerDecay, which sets the rates', lrMult);
  }
  const groups = layerGroups(`${where}: groups`, model, options.groups);
  const first = frozenUntil === undefined ? 0 : firstThatLearns(`${where}: frozenUntil`, model, frozenUntil);
  return { groups, phases: phasesOf(where, groups, { epochs, freezeEpochs, baseLr, gradual, first }) };
}

async function trained(
  net: LayersModel,
  data: BatchSource,
  test: BatchSource | undefined,
  { epochs, learningRate, schedule }: Phase,
  number: number,
  groups: OptimizerOptions['groups'],
  options: FineTuneOptions,
): Promise<TrainResult> {
  const { weightDecay = 0.01, loss, callbacks, checkpoints, signal, optimizer: make = fastaisAdamW } = options;
  const optimizer = make({ learningRate, groups, weightDecay });
  const trainer = new Trainer(net, {
    optimizer,
    schedule,
    ...defined({ loss, checkpoints: checkpoints?.(number) }),
    callbacks: typeof callbacks === 'function' ? callbacks(number) : callbacks,
  });
  try {
    return await trainer.fit(data, { epochs, test, signal });
  } finally {
    trainer.dispose();
    optimizer.dispose();
  }
}

const fastaisAdamW = (options: OptimizerOptions): CnnOptimizer => new AdamW({ beta2: 0.99, epsilon: 1e-5, ...options });

/** Options that are given. */
function defined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

/** The phases one behind the other. */
function joined(phases: readonly FineTunePhase[]): Omit<FineTuneResult, 'phases'> {
  const epochs: EpochReport[] = [];
  for (const { result } of phases) {
    const { epoch, step } = epochs.at(-1) ?? { epoch: 0, step: 0 };
    epochs.push(...result.epochs.map((each) => ({ ...each, epoch: epoch + each.epoch, step: step + each.step })));
  }
  return {
    losses: phases.flatMap(({ result }) => result.losses),
    accuracies: phases.flatMap(({ result }) => result.accuracies),
    epochs,
    seconds: phases.reduce((sum, { result }) => sum + result.seconds, 0),
  };
}
