import { dispose, type Tensor } from '@tensorflow/tfjs-core';
import { LayersModel } from '@tensorflow/tfjs-layers';
import { flag, onlyKnown, positiveInteger } from '../../checks.js';
import type { TrainingBatch } from '../../data/batch-source.js';
import { gradientsOf } from '../../inspect/metrics/gradient-norms.js';
import { crossEntropy, type LossFunction } from '../loss.js';
import { namedVariables, type Trainable } from '../trainable.js';
import type { EpochReport, TrainerCallback } from './callback.js';
import { neverFatal } from './never-fatal-node.js';
import { type EventFile, openEventFile } from './tensorboard/event-file-node.js';
import type { EventValue } from './tensorboard/event-schema.js';
import { firstFilters } from './tensorboard/first-filters.js';
import { histogramOf } from './tensorboard/histogram.js';

/** Options of tensorBoardLog. */
export interface TensorBoardLogOptions {
  /** Steps between two points of the steps' curves; default 1. */
  readonly every?: number;
  /** Histograms of all weights, and a picture of the first filters, after every epoch; default true. */
  readonly histograms?: boolean;
  /** With it, after every epoch histograms of the gradients for this batch, too. */
  readonly batch?: TrainingBatch;
  /** Of these gradients; default: crossEntropy(). */
  readonly loss?: LossFunction;
}

const OPTIONS: readonly (keyof TensorBoardLogOptions)[] = ['every', 'histograms', 'batch', 'loss'];

/**
 * Writes what TensorBoard shows: `tensorboard --logdir folder`. Scalars loss/step, accuracy/step and learning_rate of steps; of epochs
 * loss/train, loss/test, accuracy/train, accuracy/test, images_per_second, waiting (the share of the time that training waited
 * for data) and metrics/...; histograms weights/... and gradients/...; the image filters/first. All stand over steps.
 *
 * Each training begins a file. One that goes on from a checkpoint says at which step, and TensorBoard forgets what was written behind
 * it; one that begins anew in the same folder hides what was there.
 *
 * @param folder of the event files; it is made
 * @throws ArgumentError when training begins, where the folder cannot be written. What goes wrong later is a warning
 */
export function tensorBoardLog(folder: string, options: TensorBoardLogOptions = {}): TrainerCallback {
  const { every = 1, histograms = true, batch, loss = crossEntropy() } = onlyKnown('tensorBoardLog', options, OPTIONS);
  positiveInteger('tensorBoardLog', 'every', every);
  flag('tensorBoardLog', 'histograms', histograms);
  let file: EventFile | undefined;
  let net: Trainable;
  return neverFatal(`tensorBoardLog '${folder}'`, {
    async onBegin({ model, step }) {
      net = model;
      file = await openEventFile('tensorBoardLog', folder, step + 1);
    },
    onStep({ step, loss: value, accuracy, learningRate }) {
      if (step % every !== 0) return;
      file?.write(step, scalars({ 'loss/step': value, 'accuracy/step': accuracy, learning_rate: learningRate }));
    },
    async onEpoch(report) {
      const values = scalarsOf(report);
      if (histograms) values.push(...(await weightsOf(net)));
      if (batch && net instanceof LayersModel) values.push(...(await gradientHistograms(net, batch, loss)));
      file?.write(report.step, values);
    },
    onEnd() {
      file?.close();
      file = undefined;
    },
  });
}

function scalarsOf({ train, test, seconds, waitedSeconds, metrics }: EpochReport): EventValue[] {
  return scalars({
    'loss/train': train.loss,
    'loss/test': test?.loss,
    'accuracy/train': train.accuracy,
    'accuracy/test': test?.accuracy,
    images_per_second: train.count / seconds,
    waiting: waitedSeconds / seconds,
    ...Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`metrics/${name}`, value])),
  });
}

/** Numbers that are there; NaN is one that TensorBoard shows as such. */
function scalars(values: Readonly<Record<string, number | undefined>>): EventValue[] {
  return Object.entries(values).flatMap(([tag, value]) => (value === undefined ? [] : { tag, simpleValue: value }));
}

async function weightsOf(net: Trainable): Promise<EventValue[]> {
  const tensors = namedVariables(net).map(({ name, variable }) => [`weights/${name}`, variable] as const);
  const values = await histogramsOf(tensors);
  const image = net instanceof LayersModel ? await firstFilters(net) : undefined;
  return image ? [...values, { tag: 'filters/first', image }] : values;
}

async function gradientHistograms(model: LayersModel, batch: TrainingBatch, loss: LossFunction): Promise<EventValue[]> {
  const gradients = gradientsOf(model, batch, loss);
  try {
    const names = namedVariables(model).filter(({ variable }) => gradients[variable.name]);
    return await histogramsOf(names.map(({ name, variable }) => [`gradients/${name}`, gradients[variable.name]!]));
  } finally {
    dispose(gradients);
  }
}

async function histogramsOf(tensors: readonly (readonly [tag: string, tensor: Tensor])[]): Promise<EventValue[]> {
  const values: EventValue[] = [];
  for (const [tag, tensor] of tensors) {
    const histo = histogramOf(await tensor.data());
    if (histo) values.push({ tag, histo });
  }
  return values;
}
