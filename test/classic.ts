/** What the tests of the classical classifiers share. */
import * as tf from '@tensorflow/tfjs-core';
import { seededRandom } from '../src/random.js';

/** Numbers in [-1, 1), the same for a seed. */
export function uniform(rows: number, columns: number, seed: number): tf.Tensor2D {
  const random = seededRandom(seed);
  return tf.tensor2d(
    Float32Array.from({ length: rows * columns }, () => 2 * random() - 1),
    [rows, columns],
  );
}

/** Runs the tests of a file on wasm-cnn; the function it returns says that a test left no tensor behind, which would be a defect. */
export function watchingTensors(): () => void {
  let tensors: number;
  beforeAll(() => tf.setBackend('wasm-cnn'));
  beforeEach(() => {
    tensors = tf.memory().numTensors;
  });
  return () => expect(tf.memory().numTensors).toBe(tensors);
}
