/** Errors of training that code can tell apart by their classes. */
import * as tf from '@tensorflow/tfjs-core';
import { syntheticDigits } from '../src/data/index.js';
import { DivergedError, leNet5, mnistConvNet, OutOfMemoryError, fit as train, zeroPad2d } from '../src/index.js';

beforeAll(() => tf.setBackend('wasm-cnn'));

test('a loss that is no number ends the training', async () => {
  const { train: digits } = syntheticDigits({ train: 64, test: 1 });
  const model = leNet5({ seed: 1 });
  await expect(train(model, digits, { epochs: 20, batchSize: 16, learningRate: 1e30 })).rejects.toThrow(DivergedError);
  model.dispose();
});

test('a model that ends in probabilities is refused: the loss is taken of logits', async () => {
  const { train: digits } = syntheticDigits({ train: 8, test: 1 });
  const model = mnistConvNet({ classifierActivation: 'softmax' });
  await expect(train(model, digits, { epochs: 1 })).rejects.toThrow(/'fc2' ends in softmax.*classifierActivation: 'linear'/);
});

test('a tensor that the memory cannot hold is an error of its own', () => {
  const x = tf.zeros<tf.Rank.R4>([1, 1, 1, 1]);
  expect(() => zeroPad2d(x, 2 ** 14)).toThrow(OutOfMemoryError);
});
