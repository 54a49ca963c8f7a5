/** Runs in the browser: what the tests ask of a page, each given back as plain values. */
import * as tf from '@tensorflow/tfjs-core';
import type { WasmCnnBackend } from '../../src/backends/wasm-cnn/backend.js';
import { leNet5, softmaxCrossEntropy } from '../../src/index.js';
import { checkOps } from '../../src/inspect/check-ops.js';
import { opCases } from '../../src/inspect/op-cases.js';
import { augmentCases } from '../augment-cases.js';
import { differenceOf, layerDifference, picture } from '../augment-parts.js';
import { composedParts } from '../compositions.js';
import { type Golden, goldenComplaints, nameOf } from '../golden-calls.js';
import { lossesOfLeNet5 } from '../training.js';
import { type Target, useTarget } from './targets.js';
import { epochOnMnist, loseInTheMiddle, tooLarge } from './trainings.js';

/** What disagreed in a case; of one that threw, what it said. */
export interface Row {
  readonly name: string;
  readonly complaint?: string;
}

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

  /** Makes a backend the page's; tells what it is. */
  use: (target: Target) => useTarget(target),

  /** The table of op cases, or a part of it; each with its report where it is not passed. */
  async opTable(begin = 0, end = opCases.length) {
    const rows: Row[] = [];
    for (const opCase of opCases.slice(begin, end)) {
      const complaint = await checkOps([opCase]).then(
        ([row]) => (row!.report.passed ? undefined : String(row!.report)),
        (error: Error) => String(error.stack ?? error),
      );
      rows.push({ name: opCase.name, complaint });
    }
    return rows;
  },

  /** Parts of ops for which the page's backend has no kernel. */
  composed: () => composedParts(tf.getBackend()),

  /** Every golden case; each with what disagrees. */
  async goldenOps() {
    const response = await fetch('/data/golden/ops.json');
    const { cases } = (await response.json()) as { cases: Golden[] };
    const rows: Row[] = [];
    for (const [place, golden] of cases.entries()) {
      const complaints = await goldenComplaints(golden).catch((error: Error) => [String(error.stack ?? error)]);
      rows.push({ name: nameOf(golden, place), complaint: complaints.join('\n') || undefined });
    }
    return rows;
  },

  epochOnMnist,
  loseInTheMiddle,
  tooLarge,

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
