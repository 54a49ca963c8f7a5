/**
 * The bench: `npm run bench [-- --peers] [-- --only NAME]`. Ratios of medians taken in turn in one run,
 * printed as Markdown. --peers adds what else is installed, in processes that take turns: tfjs-node, onnxruntime-web, PyTorch.
 */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { accelerate } from 'tfjs-cnn';
import { threadCount, ways } from './backends.js';
import { compiledSteps } from './compiled.js';
import { dataLoading } from './data.js';
import { scoreMap } from './fully-convolutional.js';
import { inceptionModule } from './inception.js';
import { cpuConvolutions, filterGradientAgainstCpu, products, wasmConvolutions } from './kernels.js';
import { launchesOfSteps } from './launches.js';
import { profiling, recomputation } from './memory.js';
import { building, netSteps } from './nets.js';
import { optimizerUpdates } from './optimizers.js';
import { peers } from './peers.js';
import { leNetAgainstCpu, pruning } from './steps.js';
import { type Row, toMarkdown } from './table.js';
import { nativeOps } from './tensorflow.js';
import { transferLearning } from './transfer.js';
import { webglInChromium } from './webgl.js';
import { reading } from './weights.js';
import { winogradAgainstProducts } from './winograd.js';

/** tfjs's cpu backend with and without our kernels, switched between two runs. */
function acceleratedCpu(): { accelerated: typeof ways.stockCpu; stock: typeof ways.stockCpu } {
  let undo: (() => void) | undefined;
  return {
    accelerated: {
      name: 'accelerated cpu',
      async use() {
        undo ??= await accelerate('cpu');
        await tf.setBackend('cpu');
      },
    },
    stock: {
      name: 'stock cpu',
      async use() {
        undo?.();
        undo = undefined;
        await tf.setBackend('cpu');
      },
    },
  };
}

/** `asked`: runs where --only names it, as it needs more than npm brings. */
const suites: Record<string, { title: string; asked?: boolean; rows(peers: boolean): Promise<Row[]> }> = {
  products: { title: 'Products of matrices, 1024 x 1024', rows: products },
  convolution: { title: 'Convolution on wasm-cnn', rows: wasmConvolutions },
  winograd: { title: 'Convolution 3x3 by Winograd and by products of matrices', rows: winogradAgainstProducts },
  inception: { title: 'Branches of an inception module on wasm-cnn', rows: inceptionModule },
  dfilter: { title: 'Filter gradient against tfjs cpu', rows: filterGradientAgainstCpu },
  cpu: {
    title: 'JavaScript kernels on cpu',
    rows: () => {
      const { accelerated, stock } = acceleratedCpu();
      ways.stockCpu.use = stock.use;
      return cpuConvolutions(accelerated);
    },
  },
  pruning: { title: 'Gradients nobody asks for', rows: pruning },
  lenet: { title: 'Training LeNet-5', rows: leNetAgainstCpu },
  nets: { title: 'Training nets of the zoo', rows: netSteps },
  optimizers: { title: "An optimizer's update", rows: optimizerUpdates },
  building: { title: 'Building', rows: building },
  scores: { title: 'Scores of every place of a picture', rows: scoreMap },
  compiled: { title: 'Compiled training steps', rows: compiledSteps },
  data: { title: 'Batches of augmented pictures', rows: dataLoading },
  transfer: { title: 'Transfer learning', rows: transferLearning },
  launches: { title: 'Kernels of compiled training steps', rows: launchesOfSteps },
  memory: { title: 'Memory and time with and without recomputation', rows: recomputation },
  profile: { title: 'Profiles', rows: profiling },
  weights: { title: 'Reading weights, each in a process of its own', rows: reading },
  tensorflow: { title: 'Native ops on TensorFlow', asked: true, rows: nativeOps },
  webgl: { title: 'webgl in Chromium', asked: true, rows: webglInChromium },
};

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { peers: { type: 'boolean', default: false }, only: { type: 'string', multiple: true } },
  });
  const names = [...Object.keys(suites), 'peers'];
  const unknown = values.only?.find((name) => !names.includes(name));
  if (unknown) throw new Error(`--only must be one of ${names.join(', ')}, got '${unknown}'`);
  tf.env().set('IS_TEST', false);
  console.log(
    `Node ${process.versions.node}, ${cpus()[0]?.model ?? 'unknown processor'}, wasm-cnn with ${await threadCount()} threads\n`,
  );
  for (const [name, { title, asked, rows }] of Object.entries(suites)) {
    if (values.only ? !values.only.includes(name) : asked) continue;
    console.log(`${toMarkdown(title, await rows(values.peers))}\n`);
  }
  if (values.peers || values.only?.includes('peers')) console.log(await peers());
}

await main();
