/** Memory and time of training steps with and without recomputation, and what it takes to foretell them. */
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import {
  cifarResNet20,
  createOptimizer,
  denseNet121,
  googLeNet,
  lossWeights,
  profile,
  resNet50,
  softmaxCrossEntropy,
} from 'tfjs-cnn';
import { ways } from './backends.js';
import { type Contestant, measure } from './measure.js';
import { type Row, row } from './table.js';

/** What of wasm-cnn's backend tells the most memory that was held at one time. */
interface Heap {
  resetHeapPeak(): void;
  memory(): { heapBytes: number; heapWorkspace: number; heapPeak: number };
}

type Build = (options: { recompute: boolean; seed: number }) => LayersModel;

const nets: readonly [string, number, Build][] = [
  ['CIFAR ResNet-20, batch 128', 128, cifarResNet20],
  ['DenseNet-121, batch 8', 8, denseNet121],
  ['GoogLeNet, batch 8', 8, googLeNet],
];

/** A training step as trainModel takes it. */
function stepOf(model: LayersModel, batchSize: number): { step(): Promise<void>; dispose(): void } {
  const optimizer = createOptimizer('sgd', { learningRate: 0.01, momentum: 0.9 });
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const x = tf.randomUniform([batchSize, ...(model.inputs[0]!.shape.slice(1) as number[])], -1, 1, 'float32', 1);
  const labels = tf.tensor1d(Float32Array.from({ length: batchSize }, (_, i) => i % 10));
  const weights = lossWeights(model);
  const loss = () =>
    [model.apply(x, { training: true })]
      .flat()
      .map((logits, i) => tf.mul(softmaxCrossEntropy(logits as tf.Tensor2D, labels), weights[i]!))
      .reduce((a, b) => tf.add(a, b)) as tf.Scalar;
  return {
    async step() {
      const value = optimizer.minimize(loss, true, variables)!;
      await value.data();
      value.dispose();
    },
    dispose() {
      optimizer.dispose();
      tf.dispose([x, labels]);
      model.dispose();
    },
  };
}

/** A net's step, named after the memory that it held and that was foretold. */
async function contestant(batchSize: number, build: Build, recompute: boolean): Promise<Contestant & { dispose(): void }> {
  await ways.wasmCnn.use();
  const heap = tf.backend() as unknown as Heap;
  const { heapBytes, heapWorkspace } = heap.memory();
  const model = build({ recompute, seed: 1 });
  const foretold = profile(model, { batchSize }).step!.peak;
  const { step, dispose } = stepOf(model, batchSize);
  await step();
  heap.resetHeapPeak();
  await step();
  const mb = (bytes: number) => (bytes / 2 ** 20).toFixed(0);
  const held = heap.memory().heapPeak - (heapBytes - heapWorkspace);
  const name = `${recompute ? 'recompute' : 'everything kept'}: ${mb(held)} MB at the peak, ${mb(foretold)} foretold`;
  return { name, run: step, dispose };
}

/** Memory stands in the names, time in the columns. */
export async function recomputation(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [what, batchSize, build] of nets) {
    const both = [await contestant(batchSize, build, false), await contestant(batchSize, build, true)];
    rows.push(row(`${what}, one step`, await measure(both, { rounds: 5, warmUp: 0 })));
    for (const { dispose } of both) dispose();
  }
  return rows;
}

/** profile() alone, and with a step's memory. */
export async function profiling(): Promise<Row[]> {
  await ways.wasmCnn.use();
  const model = resNet50();
  const timings = await measure([
    { name: 'profile()', run: () => void profile(model) },
    { name: 'with the memory of a step', run: () => void profile(model, { batchSize: 32 }) },
  ]);
  const { unmadeBytes } = tf.memory() as unknown as { unmadeBytes: number };
  model.dispose();
  return [row(`profile of ResNet-50, ${(unmadeBytes / 2 ** 20).toFixed(0)} MB of weights still unmade`, timings)];
}
