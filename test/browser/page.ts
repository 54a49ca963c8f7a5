/** Runs in the browser: what the tests ask of a page, each given back as plain values. */
import * as tf from '@tensorflow/tfjs-core';
import '../../src/index.js';

const exercises = {
  /** Where the package finds itself after `tf.setBackend('wasm-cnn')`. */
  async surroundings() {
    await tf.setBackend('wasm-cnn');
    const sum = tf.sum(tf.tensor1d([1, 2, 3]));
    return { backend: tf.getBackend(), isolated: globalThis.crossOriginIsolated, sum: sum.dataSync()[0] };
  },
};

/** The page's exercises, for the test that calls them. */
export type Exercises = typeof exercises;

Object.assign(globalThis, { exercises });
