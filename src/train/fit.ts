import type { Transform } from '../augment/transform.js';
import { isRecord, onlyKnown, refuse } from '../checks.js';
import type { BatchSource } from '../data/batch-source.js';
import { DataLoader } from '../data/data-loader.js';
import type { ImageDataset } from '../data/dataset.js';
import { type Normalization, normalizationOf } from '../data/normalization.js';
import type { CnnOptimizer } from './optimizers/cnn-optimizer.js';
import { createOptimizer, type OptimizerName } from './optimizers/create-optimizer.js';
import type { Trainable } from './trainable.js';
import { Trainer, type TrainerFitOptions, type TrainerOptions, type TrainResult } from './trainer.js';

/** Options of fit. */
export interface FitModelOptions extends Omit<TrainerOptions, 'optimizer'>, Omit<TrainerFitOptions, 'test'> {
  /** One of OPTIMIZERS, or one that is made already and stays yours; default 'sgd', with momentum 0.9. */
  readonly optimizer?: OptimizerName | CnnOptimizer;
  /** Of an optimizer that is named; default: its own. */
  readonly learningRate?: number;
  /** Scored after every epoch. */
  readonly test?: BatchSource | ImageDataset;
  /** Pictures a step, where the data are a set of pictures; default 32. */
  readonly batchSize?: number;
  /** Of the order of the pictures and their changes; default 1. */
  readonly seed?: number;
  /** Random changes of the training's pictures. */
  readonly transforms?: readonly Transform[];
  /** Of the pictures of both; default: mean and deviation of the training's pictures. */
  readonly normalization?: Normalization;
}

/**
 * Trains a net in one call.
 *
 *     const { epochs } = await fit(leNet5(), train, { epochs: 5, test, learningRate: 0.03, schedule: cosine() });
 *
 * @param net  a classifier that gives logits, unless another loss is given; its weights are changed in place
 * @param data pictures, or batches of them, whose own options count then
 * @throws what Trainer and its fit throw
 */
export async function fit(net: Trainable, data: BatchSource | ImageDataset, options: FitModelOptions): Promise<TrainResult> {
  const own = ['optimizer', 'learningRate', 'test', 'batchSize', 'seed', 'transforms', 'normalization', 'epochs', 'signal'];
  const trainers = ['loss', 'schedule', 'accumulate', 'precision', 'lossScaler', 'average', 'callbacks', 'checkpoints'];
  onlyKnown('fit', options, [...own, ...trainers]);
  if (typeof options.optimizer === 'object' && options.learningRate !== undefined) {
    refuse('fit', 'learningRate', 'left out beside an optimizer, which has its own', options.learningRate);
  }
  const { optimizer: wanted = 'sgd', learningRate, test, batchSize = 32, seed = 1, transforms, normalization, ...rest } = options;
  const scaled = normalization ?? (isDataset(data) ? normalizationOf(data) : undefined);
  const source = isDataset(data)
    ? new DataLoader(data, { batchSize, seed, shuffle: true, transforms, normalization: scaled })
    : data;
  if (test && isDataset(test) && !scaled) {
    refuse('fit', 'normalization', 'given where the training data are batches and the test pictures are not', scaled);
  }
  const testSource = test && isDataset(test) ? new DataLoader(test, { batchSize: 250, normalization: scaled }) : test;
  const optimizer = typeof wanted === 'string' ? named(wanted, learningRate) : wanted;
  const { epochs, signal, ...trainerOptions } = rest;
  const trainer = new Trainer(net, { ...trainerOptions, optimizer });
  try {
    return await trainer.fit(source, { epochs, signal, test: testSource });
  } finally {
    trainer.dispose();
    if (optimizer !== wanted) optimizer.dispose();
    if (source !== data) await source.close();
  }
}

function named(name: OptimizerName, learningRate: number | undefined): CnnOptimizer {
  return createOptimizer(name, {
    ...(learningRate !== undefined && { learningRate }),
    ...(name === 'sgd' && { momentum: 0.9 }),
  });
}

function isDataset(data: BatchSource | ImageDataset): data is ImageDataset {
  return isRecord(data) && 'images' in data;
}
