/**
 * One backend in a process of its own, for the table of peers: `here.js wasm-cnn`, or `here.js FOLDER` with the
 * folder of tfjs-node. Prints milliseconds as one line of JSON.
 */
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import type { Way } from './backends.js';
import { convolution, LARGE, product } from './kernels.js';
import { type Contestant, measure } from './measure.js';
import { ourStep, stockStep } from './steps.js';

const [what = 'wasm-cnn'] = process.argv.slice(2);
const ours = what === 'wasm-cnn';
if (!ours) createRequire(import.meta.url)(what);

const way: Way = {
  name: what,
  use: async () => {
    await tf.setBackend(ours ? 'wasm-cnn' : 'tensorflow');
  },
};

const results: Record<string, number> = {};
async function add(name: string, contestant: Contestant, rounds: number): Promise<void> {
  const [timing] = await measure([contestant], { rounds, warmUp: 3 });
  results[name] = timing!.median;
}

for (const shape of LARGE) {
  for (const part of ['forward', 'dx', 'dfilter'] as const) {
    await add(`conv 3x3 ${part} ${shape[0]}x${shape[1]}x${shape[1]}x${shape[2]}`, convolution(way, part, shape), 9);
  }
}
await add('matMul 1024', product(way, 1024, false, false), 9);
await add('LeNet-5, batch 64, one step', ours ? ourStep(way) : stockStep(way, 10), 25);
console.log(JSON.stringify(results));
