/** The first nets of many a course: small enough to be trained while one watches. */
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { positiveIntegers } from '../checks.js';
import { heNormal, xavierUniform } from '../initializers/index.js';
import { Flatten } from '../layers/flatten.js';
import { MaxPooling2D } from '../layers/max-pooling2d.js';
import { Draft, type Habits } from './draft.js';
import type { NetOptions } from './net-options.js';

const own: Habits = { kernels: heNormal, dense: heNormal };
const keras: Habits = { kernels: xavierUniform, dense: xavierUniform };

/** A dense layer, batch normalisation, relu. */
function normalizedDense(draft: Draft, x: SymbolicTensor, place: number, units: number): SymbolicTensor {
  const z = draft.dense(x, `fc${place}`, { units, useBias: false });
  return draft.norm(z, `bn${place}`);
}

/**
 * Two convolutions of 5x5 with 8 and 16 maps, each pooled, and a dense layer of 32 with batch normalisation: 28,906 parameters
 * for MNIST. Its one variant is 'paper'.
 */
export function mnistConvNet(options: NetOptions = {}): LayersModel {
  const inputShape = [28, 28, 1] as const;
  const draft = new Draft(
    options,
    { net: 'mnistConvNet', variants: ['paper'], inputShape, smallest: 4, flattens: 'top', classes: 10 },
    () => own,
  );
  let x = draft.input;
  [8, 16].forEach((filters, i) => {
    x = draft.conv(x, `conv${i + 1}`, { filters, kernelSize: 5, padding: 2, activation: 'relu' });
    x = draft.through(new MaxPooling2D({ name: `pool${i + 1}` }), x);
  });
  const { includeTop, classes, classifierActivation } = draft.options;
  if (!includeTop) return draft.model(draft.head(x, 'fc2'));
  x = draft.dropout(normalizedDense(draft, draft.through(new Flatten({ name: 'flatten' }), x), 1, 32), 'dropout');
  return draft.model(draft.dense(x, 'fc2', { units: classes, activation: classifierActivation }));
}

/**
 * The CIFAR-10 example of Keras 1 and 2: 32-32-pool-64-64-pool-512 with dropout, 1,250,858 parameters. Its one variant is
 * 'keras'; `dropout` (default 0.5) is the rate before the last layer, and half of it the rate behind each pooling.
 */
export function cifarConvNet(options: NetOptions = {}): LayersModel {
  const inputShape = [32, 32, 3] as const;
  const traits = {
    net: 'cifarConvNet',
    variants: ['keras'],
    inputShape,
    smallest: 10,
    flattens: 'top',
    classes: 10,
    dropout: 0.5,
  } as const;
  const draft = new Draft(options, traits, () => keras);
  const { includeTop, classes, classifierActivation, dropout } = draft.options;
  let x = draft.input;
  [32, 64].forEach((filters, stage) => {
    const name = (part: string, place: number) => (place === 0 ? part : `${part}_${place}`);
    x = draft.conv(x, name('conv2d', 2 * stage), { filters, kernelSize: 3, padding: 1, activation: 'relu' });
    x = draft.conv(x, name('conv2d', 2 * stage + 1), { filters, kernelSize: 3, activation: 'relu' });
    x = draft.through(new MaxPooling2D({ name: name('max_pooling2d', stage) }), x);
    x = draft.dropout(x, name('dropout', stage), dropout / 2);
  });
  if (!includeTop) return draft.model(draft.head(x, 'dense_1'));
  x = draft.through(new Flatten({ name: 'flatten' }), x);
  x = draft.dropout(draft.dense(x, 'dense', { units: 512, activation: 'relu' }), 'dropout_2');
  return draft.model(draft.dense(x, 'dense_1', { units: classes, activation: classifierActivation }));
}

/** Options of multilayerPerceptron. */
export interface MultilayerPerceptronOptions extends NetOptions {
  /** Units of the hidden layers; default [128, 64]. */
  units?: readonly number[];
}

/** Dense layers with batch normalisation, 784-128-64-10: 109,578 parameters for MNIST. Its one variant is 'paper'. */
export function multilayerPerceptron(options: MultilayerPerceptronOptions = {}): LayersModel {
  const net = 'multilayerPerceptron';
  const { units = [128, 64] } = options;
  positiveIntegers(net, 'units', 'one for each hidden layer', units);
  const traits = {
    net,
    variants: ['paper'],
    inputShape: [28, 28, 1],
    smallest: 1,
    flattens: 'always',
    classes: 10,
    more: ['units'],
  } as const;
  const draft = new Draft(options, traits, () => own);
  const { includeTop, classes, classifierActivation } = draft.options;
  let x = draft.through(new Flatten({ name: 'flatten' }), draft.input);
  units.forEach((count, i) => {
    x = draft.dropout(normalizedDense(draft, x, i + 1, count), `dropout${i + 1}`);
  });
  if (!includeTop) return draft.model(x);
  return draft.model(draft.dense(x, `fc${units.length + 1}`, { units: classes, activation: classifierActivation }));
}
