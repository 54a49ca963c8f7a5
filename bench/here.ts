/**
 * One backend in a process of its own, for the table of peers: `here.js wasm-cnn PART`, or `here.js FOLDER PART` with the
 * folder of tfjs-node; PART is 'kernels' or a net's name. Prints milliseconds as one line of JSON.
 */
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import type { Way } from './backends.js';
import { convolution, LARGE, product } from './kernels.js';
import { type Contestant, measure } from './measure.js';
import { netStep, nets, ROUNDS, titleOf } from './nets.js';
import { adamWUpdate } from './optimizers.js';
import { ourLeNetStep, stockLeNetStep } from './steps.js';

const [what = 'wasm-cnn', part = 'kernels'] = process.argv.slice(2);
const ours = what === 'wasm-cnn';
if (!ours) createRequire(import.meta.url)(what);

const way: Way = {
  name: what,
  use: async () => {
    await tf.setBackend(ours ? 'wasm-cnn' : 'tensorflow');
  },
};

const results: Record<string, number> = {};
async function add(name: string, contestant: Contestant, rounds: number, warmUp = 3): Promise<void> {
  const [timing] = await measure([contestant], { rounds, warmUp });
  results[name] = timing!.median;
}

if (part in nets) {
  await add(titleOf(part), netStep(way, part, ours ? 'ours' : 'stock'), ROUNDS, 2);
} else {
  for (const shape of LARGE) {
    for (const of of ['forward', 'dx', 'dfilter'] as const) {
      await add(`conv 3x3 ${of} ${shape[0]}x${shape[1]}x${shape[1]}x${shape[2]}`, convolution(way, of, shape), 9);
    }
  }
  await add('matMul 1024', product(way, 1024, false, false), 9);
  await add('AdamW (tfjs-node: Adam), 25 million weights', adamWUpdate(way), 9);
  await add('LeNet-5, batch 64, one step', ours ? ourLeNetStep(way) : stockLeNetStep(way, 10), 25);
}
console.log(JSON.stringify(results));
