import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { OptimizerName } from '../train/optimizers/create-optimizer.js';
import { getModel, modelInfo, type NetName } from '../zoo/catalog.js';
import type { ScheduleName } from './schedules.js';

/** How a net is trained where the command line does not say otherwise. */
export interface Recipe {
  readonly epochs: number;
  readonly batchSize: number;
  readonly optimizer: OptimizerName;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly schedule: ScheduleName;
  /** As --augment takes it. */
  readonly augment: string;
}

/** A net that `train` can build, with the numbers that suit it. */
export interface Net {
  readonly build: (options: { inputShape: [number, number, number]; classes: number; seed: number }) => LayersModel;
  /** Size and colours to which a folder of pictures is brought. */
  readonly pictureSize: number;
  readonly pictureChannels: 1 | 3;
  readonly recipe: Recipe;
}

/** Where nobody has looked for better ones. */
const USUAL: Recipe = {
  epochs: 20,
  batchSize: 64,
  optimizer: 'sgd',
  learningRate: 0.05,
  weightDecay: 1e-4,
  schedule: 'cosine',
  augment: 'none',
};

/** For small pictures of things that have no left and right. */
const CIFAR: Recipe = {
  epochs: 30,
  batchSize: 128,
  optimizer: 'sgd',
  learningRate: 0.2,
  weightDecay: 5e-4,
  schedule: 'oneCycle',
  augment: 'crop:4,flip',
};

const TRIED: Partial<Record<NetName, Partial<Recipe>>> = {
  leNet5: { epochs: 5, learningRate: 0.03, weightDecay: 0 },
  cifarResNet20: CIFAR,
  cifarResNet32: CIFAR,
  cifarResNet44: CIFAR,
  cifarResNet56: CIFAR,
  cifarResNet110: CIFAR,
};

/**
 * The net of that name in the catalogue.
 * @throws ArgumentError listing the names there are
 */
export function netNamed(name: string): Net {
  const { name: known, inputShape, variants } = modelInfo(name);
  const [pictureSize, , channels] = inputShape;
  // Training wants logits; nets whose first variant is Keras's end in probabilities.
  const head = variants[0].variant === 'keras' ? { classifierActivation: 'linear' } : {};
  return {
    build: (options) => getModel(known, { ...options, ...head }),
    pictureSize,
    pictureChannels: channels as 1 | 3,
    recipe: { ...USUAL, ...TRIED[known as NetName] },
  };
}
