/**
 * One backend in a process of its own, for the table of peers: `here.js wasm-cnn PART`, or with the folder of tfjs-node
 * `here.js FOLDER PART`, tfjs's own layers, and `here.js FOLDER accelerated PART`, ours on the same TensorFlow; PART is 'kernels' or a
 * net's name. Says as a line of JSON what it can run; then each line of its input, an index, is one run, answered by its milliseconds.
 */
import { createInterface } from 'node:readline';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import { accelerate } from 'tfjs-cnn';
import type { Way } from './backends.js';
import { convolution, LARGE, product } from './kernels.js';
import { type Contestant, measure } from './measure.js';
import { netStep, nets, titleOf } from './nets.js';
import { adamWUpdate } from './optimizers.js';
import { ourLeNetStep, stockLeNetStep } from './steps.js';
import { loadTfjsNode } from './tfjs-node.js';

const [what = 'wasm-cnn', ...rest] = process.argv.slice(2);
const part = rest.at(-1) ?? 'kernels';
const onTensorflow = what !== 'wasm-cnn';
const ours = !onTensorflow || rest[0] === 'accelerated';
if (onTensorflow) {
  loadTfjsNode(what);
  if (ours) await accelerate('tensorflow');
}

const way: Way = {
  name: what,
  use: async () => {
    await tf.setBackend(onTensorflow ? 'tensorflow' : what);
  },
};

const runs: [string, Contestant][] = [];
if (part in nets) {
  runs.push([titleOf(part), netStep(way, part, ours ? 'ours' : 'stock')]);
} else {
  for (const shape of LARGE) {
    for (const of of ['forward', 'dx', 'dfilter'] as const) {
      runs.push([`conv 3x3 ${of} ${shape[0]}x${shape[1]}x${shape[1]}x${shape[2]}`, convolution(way, of, shape)]);
    }
  }
  runs.push(
    ['matMul 1024', product(way, 1024, false, false)],
    ['AdamW (tfjs-node: Adam), 25 million weights', adamWUpdate(way, ours)],
    ['LeNet-5, batch 64, one step', ours ? ourLeNetStep(way) : stockLeNetStep(way, 10)],
  );
}

console.log(JSON.stringify(runs.map(([name]) => name)));
for await (const line of createInterface({ input: process.stdin })) {
  const [timing] = await measure([runs[Number(line)]![1]], { rounds: 1, warmUp: 0 });
  console.log(timing!.median);
}
