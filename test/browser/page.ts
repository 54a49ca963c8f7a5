/** Runs in the browser: what the tests ask of a page, each given back as plain values. */
import * as tf from '@tensorflow/tfjs-core';
import '../../src/index.js';
import type { WasmCnnBackend } from '../../src/backends/wasm-cnn/backend.js';
import { softmaxCrossEntropy } from '../../src/ops/softmax-cross-entropy/softmax-cross-entropy.js';
import { leNet5 } from '../../src/zoo/le-net.js';
import { lossesOfLeNet5 } from '../training.js';

const exercises = {
  /** Where the package finds itself after `tf.setBackend('wasm-cnn')`. */
  async surroundings() {
    await tf.setBackend('wasm-cnn');
    const { runtime } = tf.backend() as WasmCnnBackend;
    const sum = tf.sum(tf.tensor1d([1, 2, 3]));
    return { isolated: globalThis.crossOriginIsolated, threads: runtime.threads, sum: sum.dataSync()[0] };
  },

  /** Losses of LeNet-5, step by step. */
  async train(steps: number) {
    await tf.setBackend('wasm-cnn');
    return lossesOfLeNet5({ tf, leNet5, softmaxCrossEntropy }, steps);
  },
};

/** The page's exercises, for the test that calls them. */
export type Exercises = typeof exercises;

Object.assign(globalThis, { exercises });
