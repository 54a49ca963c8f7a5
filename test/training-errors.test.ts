/** Errors of training that code can tell apart by their classes. */
import * as tf from '@tensorflow/tfjs-core';
import { normalizationOf, syntheticDigits } from '../src/data/index.js';
import {
  createOptimizer,
  DivergedError,
  leNet5,
  MomentumSgd,
  mnistConvNet,
  OPTIMIZERS,
  OutOfMemoryError,
  trainModel,
  zeroPad2d,
} from '../src/index.js';

beforeAll(() => tf.setBackend('wasm-cnn'));

test.each(OPTIMIZERS)("the optimizer '%s' can be made, and its rate changed", (name) => {
  const optimizer = createOptimizer(name, 0.1);
  optimizer.setLearningRate(0.01);
  const weight = tf.variable(tf.scalar(1));
  optimizer.minimize(() => tf.square(weight) as tf.Scalar);
  expect(weight.dataSync()[0]).toBeLessThan(1);
  expect(weight.dataSync()[0]).toBeGreaterThan(0.95);
  optimizer.dispose();
  weight.dispose();
});

test('a loss that is no number ends the training', async () => {
  const { train } = syntheticDigits({ train: 64, test: 1 });
  const model = leNet5({ seed: 1 });
  const training = trainModel(model, {
    train,
    normalization: normalizationOf(train),
    epochs: 20,
    batchSize: 16,
    optimizer: new MomentumSgd(1),
    learningRate: 1e30,
  });
  await expect(training).rejects.toThrow(DivergedError);
  model.dispose();
});

test('a model that ends in probabilities is refused: the loss is taken of logits', async () => {
  const { train } = syntheticDigits({ train: 8, test: 1 });
  const model = mnistConvNet({ classifierActivation: 'softmax' });
  const options = { train, normalization: normalizationOf(train), epochs: 1, batchSize: 8, learningRate: 0.1 };
  const training = trainModel(model, { ...options, optimizer: new MomentumSgd(0.1) });
  await expect(training).rejects.toThrow(/'fc2' ends in softmax.*classifierActivation: 'linear'/);
});

test('a tensor that the memory cannot hold is an error of its own', () => {
  const x = tf.zeros<tf.Rank.R4>([1, 1, 1, 1]);
  expect(() => zeroPad2d(x, 2 ** 14)).toThrow(OutOfMemoryError);
});
