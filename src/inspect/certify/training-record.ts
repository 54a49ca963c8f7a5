import { dispose, getBackend, type Scalar, type Tensor, tidy, variableGrads } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { TrainingBatch } from '../../data/batch-source.js';
import { seededRandom } from '../../random.js';
import { crossEntropy, lossOf } from '../../train/loss.js';
import { Sgd } from '../../train/optimizers/sgd.js';
import { namedVariables, trainedVariables } from '../../train/trainable.js';
import { Trainer } from '../../train/trainer.js';
import { tensorsOf } from '../../train/training-step.js';

/** Numbers of a tensor: of the reference float64. */
export type Values = Float32Array | Float64Array;

/** What a training of a few steps gave on one backend. */
export interface TrainingRecord {
  /** Name of tfjs's backend. */
  readonly backend: string;
  /** What it ran on, where the backend tells: a GPU's name, threads. */
  readonly adapter?: string;
  /** Before each step. */
  readonly losses: readonly number[];
  /** Of the first step, by the weights' names in checkpoints. */
  readonly gradients: Readonly<Record<string, Values>>;
  /** After the last step: all weights, moving statistics too. */
  readonly weights: Readonly<Record<string, Values>>;
}

/** What is trained, and how: the same on every backend. */
export interface CertifyTask {
  /** Makes the net, a classifier that gives logits, with weights from a seed of its own. */
  build(): LayersModel;
  /** Steps. */
  readonly steps: number;
  /** Pictures a step. */
  readonly batchSize: number;
  /** Of Sgd with momentum 0.9. */
  readonly learningRate: number;
  /** Of pictures and classes. */
  readonly seed: number;
}

/** Pictures of uniform numbers in [-1, 1) and classes at random, step by step. */
function* batchesOf({ seed, steps, batchSize }: CertifyTask, model: LayersModel): Generator<TrainingBatch> {
  const random = seededRandom(seed);
  const [height, width, channels] = model.inputs[0]!.shape.slice(1) as [number, number, number];
  const classes = model.outputs[0]!.shape.at(-1)!;
  for (let step = 0; step < steps; step++) {
    yield {
      images: Float32Array.from({ length: batchSize * height * width * channels }, () => 2 * random() - 1),
      labels: Int32Array.from({ length: batchSize }, () => Math.floor(random() * classes)),
      places: new Int32Array(batchSize),
      shape: [height, width, channels],
      size: batchSize,
    };
  }
}

/**
 * Trains on the current backend, as a Trainer does.
 * @param read the values of a tensor; default: as tfjs gives them
 */
export async function recordTraining(
  task: CertifyTask,
  read = async (tensor: Tensor): Promise<Values> => (await tensor.data()) as Float32Array,
): Promise<TrainingRecord> {
  const gradients = await firstGradients(task, read);
  const model = task.build();
  const optimizer = new Sgd({ learningRate: task.learningRate, momentum: 0.9 });
  const trainer = new Trainer(model, { optimizer });
  const losses: number[] = [];
  for (const batch of batchesOf(task, model)) {
    const { loss, output } = trainer.step(batch);
    losses.push((await read(loss))[0]!);
    dispose([loss, output]);
  }
  const weights: Record<string, Values> = {};
  for (const { name, variable } of namedVariables(model)) weights[name] = (await read(variable)).slice();
  trainer.dispose();
  optimizer.dispose();
  model.dispose();
  return { backend: getBackend(), losses, gradients, weights };
}

/** On a net of its own: a forward pass more would move statistics, and what layers count. */
async function firstGradients(task: CertifyTask, read: (tensor: Tensor) => Promise<Values>): Promise<Record<string, Values>> {
  const model = task.build();
  const [batch] = batchesOf(task, model);
  const [x, labels] = tensorsOf(batch!) as [Tensor, Tensor];
  const { value, grads } = tidy(() =>
    variableGrads(() => lossOf(model, crossEntropy(), x, labels).loss as Scalar, trainedVariables(model)),
  );
  const gradients: Record<string, Values> = {};
  for (const { name, variable } of namedVariables(model)) {
    const gradient = grads[variable.name];
    if (gradient) gradients[name] = (await read(gradient)).slice();
  }
  dispose([value, grads, x, labels]);
  model.dispose();
  return gradients;
}
