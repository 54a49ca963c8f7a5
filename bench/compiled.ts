/** Training steps that are recorded and played again, against eager ones: time and memory. */
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { cifarResNet20, denseNet121, leNet5, resNet18, Sgd, softmaxCrossEntropy, Trainer } from 'tfjs-cnn';
import { ways } from './backends.js';
import { type Contestant, measure } from './measure.js';
import { type Row, row } from './table.js';

/** What of wasm-cnn's backend tells the most memory that was held at one time. */
interface Heap {
  resetHeapPeak(): void;
  memory(): { heapPeak: number };
}

interface Task {
  readonly what: string;
  readonly batchSize: number;
  readonly build: () => LayersModel;
  readonly rounds: number;
  /** Steps in a row that count as one. */
  readonly repeat?: number;
}

const seeded = { seed: 1, classifierActivation: 'linear' } as const;

export const tasks: readonly Task[] = [
  { what: 'LeNet-5, batch 64', batchSize: 64, build: () => leNet5({ seed: 1 }), rounds: 25, repeat: 10 },
  { what: 'CIFAR ResNet-20, batch 128', batchSize: 128, build: () => cifarResNet20(seeded), rounds: 9 },
  { what: 'ResNet-18, batch 8', batchSize: 8, build: () => resNet18(seeded), rounds: 7 },
  { what: 'DenseNet-121, batch 8', batchSize: 8, build: () => denseNet121(seeded), rounds: 5 },
];

/** Steps of one net; each gives tensors, the loss first. */
export interface Steps {
  readonly compiled: () => tf.Tensor[];
  readonly eager: () => tf.Tensor[];
  /** Both, with the loss read. */
  readonly contestants: Contestant[];
  dispose(): void;
}

/** Both take turns at the same net. */
export function stepsOf({ batchSize, build, repeat }: Omit<Task, 'what' | 'rounds'>): Steps {
  const model = build();
  const optimizer = new Sgd({ learningRate: 0.01, momentum: 0.9 });
  const trainer = new Trainer(model, { optimizer });
  const shape = model.inputs[0]!.shape.slice(1) as [number, number, number];
  const x = tf.randomUniform([batchSize, ...shape], -1, 1, 'float32', 1);
  const labels = Int32Array.from({ length: batchSize }, (_, i) => i % 10);
  const y = tf.tensor1d(Float32Array.from(labels));
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const batch = { images: x.dataSync<'float32'>().slice(), shape, labels, places: labels, size: batchSize };
  const lossOf = () => softmaxCrossEntropy(model.apply(x, { training: true }) as tf.Tensor2D, y) as tf.Scalar;
  const eager = () => [optimizer.minimize(lossOf, true, variables)!];
  const compiled = () => {
    const { loss, output } = trainer.step(batch);
    return [loss, output];
  };
  const read = (step: () => tf.Tensor[]) => async () => {
    const results = step();
    await results[0]!.data();
    tf.dispose(results);
  };
  return {
    compiled,
    eager,
    contestants: [
      { name: 'compiled', run: read(compiled), repeat },
      { name: 'eager', run: read(eager), repeat },
    ],
    dispose() {
      trainer.dispose();
      optimizer.dispose();
      tf.dispose([x, y]);
      model.dispose();
    },
  };
}

/** The most memory that a step holds; weights and the optimizer's slots are part of it. */
async function peakOf({ run }: Contestant): Promise<string> {
  const heap = tf.backend() as unknown as Heap;
  await run();
  heap.resetHeapPeak();
  await run();
  return `${(heap.memory().heapPeak / 2 ** 20).toFixed(0)} MB`;
}

/** Memory stands in the names, time in the columns. */
export async function compiledSteps(): Promise<Row[]> {
  await ways.wasmCnn.use();
  const rows: Row[] = [];
  for (const task of tasks) {
    const { contestants, dispose } = stepsOf(task);
    const [compiled, eager] = contestants as [Contestant, Contestant];
    // Before the first compiled one, which keeps its memory.
    const eagerPeak = await peakOf(eager);
    // Steps are recorded until two in a row are alike.
    for (let i = 0; i < 4; i++) await compiled.run();
    const compiledPeak = await peakOf(compiled);
    const timings = await measure(
      [
        { ...compiled, name: `compiled: ${compiledPeak} at the peak` },
        { ...eager, name: `eager: ${eagerPeak} at the peak` },
      ],
      { rounds: task.rounds },
    );
    rows.push(row(`${task.what}, one step`, timings));
    dispose();
  }
  return rows;
}
