/** Runs in the browser: what the tests ask of a page, each given back as plain values. */
import * as tf from '@tensorflow/tfjs-core';
import type { WasmCnnBackend } from '../../src/backends/wasm-cnn/backend.js';
import { leNet5, softmaxCrossEntropy } from '../../src/index.js';
import { checkOps } from '../../src/inspect/check-ops.js';
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

  /** The whole table of op cases; each with its report where it is not passed. */
  async opTable() {
    await tf.setBackend('wasm-cnn');
    const rows = await checkOps();
    return rows.map(({ name, report }) => ({ name, complaint: report.passed ? undefined : String(report) }));
  },
};

/** The page's exercises, for the test that calls them. */
export type Exercises = typeof exercises;

Object.assign(globalThis, { exercises });
