/** Runs in the browser: what the tests ask of a page, each given back as plain values. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-webgl';
import type { WasmCnnBackend } from '../../src/backends/wasm-cnn/backend.js';
import { leNet5, softmaxCrossEntropy } from '../../src/index.js';
import { checkOps } from '../../src/inspect/check-ops.js';
import { augmentCases } from '../augment-cases.js';
import { differenceOf, layerDifference, picture } from '../augment-parts.js';
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

  /** On tfjs's own webgl: of every change of pictures, and of a layer of them, the largest difference from bytes. */
  async augmentation() {
    if (!(await tf.setBackend('webgl'))) throw new Error('there is no WebGL here');
    const photo = picture('photo', 9, 11, 3);
    const rows: { name: string; difference: number }[] = [];
    for (const each of augmentCases) rows.push({ name: each.name, difference: await differenceOf(each, photo) });
    return { backend: tf.getBackend(), rows, layer: await layerDifference() };
  },
};

/** The page's exercises, for the test that calls them. */
export type Exercises = typeof exercises;

Object.assign(globalThis, { exercises });
