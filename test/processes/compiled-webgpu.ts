/**
 * A process that takes training steps on WebGPU twice, eagerly and recorded and played again, and says where the two differ: results,
 * weights and slots after every step, to the bit. Also what a played step does: submissions, bind groups, memory.
 */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { nodeAdapter } from '../../src/backends/node-webgpu.js';
import type { WebgpuBackend } from '../../src/backends/webgpu/backend.js';
import { accelerate, cifarConvNet, leNet5 } from '../../src/index.js';
import { CompiledStep } from '../../src/train/compiled/compiled-step.js';
import { Adam, Lamb, LossScaler, RmsProp, Sgd, Trainer, type TrainerOptions, WeightAverage } from '../../src/train/index.js';
import type { CnnOptimizer } from '../../src/train/optimizers/cnn-optimizer.js';
import { type StepParts, takeStep } from '../../src/train/training-step.js';
import { batch, trained } from '../compiled.js';
import { smallNets } from '../small-nets.js';
import { netWith, Strange, strangeThings } from '../strange-layers.js';

interface Found {
  /** The first number that is another; undefined where none is. */
  difference?: string;
  /** Why steps stayed eager; undefined where they did not. */
  whyEager?: string;
  compiled: boolean;
  /** Tensors that were left behind. */
  tensors: number;
}

const bitsOf = (values: Float32Array) => new Int32Array(values.buffer, values.byteOffset, values.length);

async function firstDifference(a: readonly tf.Tensor[], b: readonly tf.Tensor[], what: string): Promise<string | undefined> {
  if (a.length !== b.length) return `${what}: ${a.length} tensors and ${b.length}`;
  for (const [i, tensor] of a.entries()) {
    const [x, y] = [await tensor.data<'float32'>(), await b[i]!.data<'float32'>()];
    const [left, right] = [bitsOf(x), bitsOf(y)];
    const at = left.findIndex((word, k) => word !== right[k]);
    if (at >= 0 || left.length !== right.length) return `${what}: number ${at} of tensor ${i} is ${y[at]}, not ${x[at]}`;
  }
  return undefined;
}

const stateOf = (net: tfl.LayersModel, optimizer: CnnOptimizer, average?: WeightAverage): tf.Tensor[] => [
  ...net.weights.map((weight) => weight.read()),
  ...Object.values(optimizer.slots()),
  ...Object.values(average?.slots() ?? {}),
];

/** Trains two nets alike, the second one's steps compiled. @param between is done to both after some steps */
async function netsAlike(
  build: () => tfl.LayersModel,
  optimizer: () => CnnOptimizer = () => new Sgd({ learningRate: 0.05, momentum: 0.9 }),
  between: (net: tfl.LayersModel, step: CompiledStep) => void = () => undefined,
): Promise<Found> {
  const { numTensors } = tf.memory();
  const [eager, other] = [trained(build(), optimizer()), trained(build(), optimizer())];
  const step = new CompiledStep(other.model, other.step);
  let difference: string | undefined;
  for (const [i, size] of [3, 3, 3, 3, 3, 2, 3, 3, 2].entries()) {
    if (i === 6) for (const { model } of [eager, other]) between(model, step);
    const inputs = batch(eager.model, size, i);
    const expected = tf.tidy(() => eager.step(inputs.map(({ values, shape }) => tf.tensor(values, [...shape]))));
    const found = step.run(inputs);
    difference ??= await firstDifference(expected, found, `results of step ${i}`);
    const [a, b] = [eager, other].map(({ model, optimizer: slots }) => stateOf(model, slots)) as [tf.Tensor[], tf.Tensor[]];
    difference ??= await firstDifference(a, b, `weights and slots after step ${i}`);
    tf.dispose([...expected, ...found]);
  }
  const compiled = [3, 2].every((size) => step.isCompiled(batch(other.model, size, 0).map(({ shape }) => shape)));
  const { whyEager } = step;
  step.dispose();
  eager.dispose();
  other.dispose();
  return { difference, whyEager, compiled, tensors: tf.memory().numTensors - numTensors };
}

/** The same of trainers. @param move is done before each step */
async function trainersAlike(
  options: (net: tfl.LayersModel) => TrainerOptions,
  steps: number,
  move: (trainer: Trainer, step: number) => void = () => undefined,
): Promise<Found & { scales: (number | undefined)[] }> {
  const { numTensors } = tf.memory();
  const trainers = [0, 1].map(() => {
    const net = leNet5({ seed: 1 });
    return new Trainer(net, options(net));
  }) as [Trainer, Trainer];
  let difference: string | undefined;
  const scales: (number | undefined)[] = [];
  for (let i = 0; i < steps; i++) {
    for (const trainer of trainers) move(trainer, i);
    const labels = Int32Array.from([i % 10, 3]);
    const images = batch(trainers[0].net as tfl.LayersModel, 2, i)[0]!.values;
    const one = { images, shape: [28, 28, 1] as [number, number, number], labels, places: labels, size: 2 };
    const update = (trainers[0].options.accumulate ?? 1) === 1 || i % 2 === 1;
    const inputs = [tf.tensor(images, [2, 28, 28, 1]), tf.tensor(Float32Array.from(labels))];
    const expected = takeStep(trainers[0].parts as StepParts, inputs, update);
    const { loss, output } = trainers[1].step(one, update);
    difference ??= await firstDifference(expected, [loss, output], `results of step ${i}`);
    const states = trainers.map(({ net, options: { optimizer, average } }) =>
      stateOf(net as tfl.LayersModel, optimizer, average),
    ) as [tf.Tensor[], tf.Tensor[]];
    difference ??= await firstDifference(...states, `weights, slots and averages after step ${i}`);
    scales.push((await trainers[1].options.lossScaler?.scale.data())?.[0]);
    tf.dispose([...inputs, ...expected, loss, output]);
  }
  const { whyEager } = trainers[1];
  for (const trainer of trainers) {
    const { optimizer, average, lossScaler } = trainer.options;
    trainer.dispose();
    average?.dispose();
    lossScaler?.dispose();
    optimizer.dispose();
    (trainer.net as tfl.LayersModel).dispose();
  }
  return { difference, whyEager, compiled: !whyEager, tensors: tf.memory().numTensors - numTensors, scales };
}

/** What one played step does, and whether memory stays as it is over many. */
async function costs(backend: WebgpuBackend): Promise<object> {
  const net = trained(smallNets.cifarResNet20(), new Adam({ learningRate: 0.01 }));
  const compiled = new CompiledStep(net.model, net.step);
  const inputs = batch(net.model, 2, 1);
  const play = async () => {
    const results = compiled.run(inputs);
    await results[0]!.data();
    tf.dispose(results);
  };
  for (let i = 0; i < 5; i++) await play();
  const counts = { submit: 0, createBindGroup: 0, createBuffer: 0, createCommandEncoder: 0 };
  const heard = <T extends object>(object: T): T =>
    new Proxy(object, {
      get(target, name) {
        const value = Reflect.get(target, name, target) as unknown;
        if (typeof value !== 'function') return value;
        return (...given: unknown[]) => {
          if (Object.hasOwn(counts, name)) counts[name as keyof typeof counts]++;
          return (value as (...them: unknown[]) => unknown).apply(target, given);
        };
      },
    });
  const { device, queue } = backend;
  Object.assign(backend, { device: heard(device), queue: heard(queue) });
  const results = compiled.run(inputs);
  Object.assign(backend, { device, queue });
  const told = { ...counts };
  await results[0]!.data();
  tf.dispose(results);
  const memory = () => [backend.bufferManager.numBytesAllocated, tf.memory().numTensors];
  const before = memory();
  for (let i = 0; i < 20; i++) await play();
  const after = memory();
  const used = () => (tf.memory() as unknown as { numBytesInGPU: number }).numBytesInGPU;
  const held = used();
  compiled.rest();
  const rested = used();
  await play();
  const again = used();
  compiled.dispose();
  net.dispose();
  return { told, flat: `${before}` === `${after}`, before, after, given: held - rested > 0, again: again === held };
}

async function strange(): Promise<object> {
  const found: Record<string, unknown> = {};
  for (const [what, compute] of strangeThings()) {
    if (what === 'values that are looked at') continue; // nothing can be read synchronously here
    const net = trained(netWith(new Strange(compute)));
    const compiled = new CompiledStep(net.model, net.step);
    for (let i = 0; i < 8; i++) tf.dispose(compiled.run(batch(net.model, 4, 1)));
    found[what] = compiled.whyEager;
    net.dispose();
  }
  return found;
}

async function main(): Promise<void> {
  // A bundle of ES modules loads packages before its own code.
  await import('@tensorflow/tfjs-backend-webgpu');
  const undo = await accelerate('webgpu');
  const backend = tf.backend() as unknown as WebgpuBackend;
  const nets: Record<string, Found> = {};
  for (const name of ['leNet5', 'cifarResNet20', 'mobileNetV2', 'cifarDenseNet', 'googLeNet'] as const) {
    nets[name] = await netsAlike(smallNets[name]);
  }
  const dropout = () => cifarConvNet({ classes: 4, classifierActivation: 'linear', seed: 1, inputShape: [12, 12, 3] });
  const shared: tf.Tensor[] = [];
  nets['dropout, weights changed and shared in between'] = await netsAlike(
    dropout,
    () => new Adam({ learningRate: 0.01 }),
    ({ weights: [weight] }, step) => {
      tf.tidy(() => void weight!.write(tf.mul(weight!.read(), 0.5)));
      shared.push(tf.clone(weight!.read()), tf.mul(weight!.read(), 1));
      step.rest();
    },
  );
  // What a copy holds does not move with its variable.
  const copies = await firstDifference([shared[0]!, shared[2]!], [shared[1]!, shared[3]!], 'a copy');
  tf.dispose(shared);
  const optimizers: Record<string, Found> = {};
  for (const [name, make] of Object.entries({
    'Sgd, gradients clipped': () => new Sgd({ learningRate: 0.05, clipNorm: 0.5, weightDecay: 0.01 }),
    RmsProp: () => new RmsProp({ learningRate: 0.01, momentum: 0.5 }),
    Lamb: () => new Lamb({ learningRate: 0.01 }),
  })) {
    optimizers[name] = await netsAlike(() => leNet5({ seed: 1 }), make);
  }
  const trainers = {
    'two batches together, an average, a rate that moves': await trainersAlike(
      (net) => ({ optimizer: new Sgd({ learningRate: 0.05, momentum: 0.9 }), accumulate: 2, average: new WeightAverage(net) }),
      12,
      ({ options }, i) => options.optimizer.setLearningRate(0.05 / (i + 1)),
    ),
    'halves, and a scale that is too large at first': await trainersAlike(
      () => ({
        optimizer: new Adam({ learningRate: 0.01 }),
        precision: 'float16',
        lossScaler: new LossScaler({ initialScale: 2 ** 24, growthInterval: 3 }),
      }),
      10,
    ),
  };
  const others = { strange: await strange(), costs: await costs(backend) };
  undo();
  const stock = await netsAlike(() =>
    tfl.sequential({
      layers: [
        tfl.layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [8, 8, 2], activation: 'relu', kernelInitializer: start(1) }),
        tfl.layers.maxPooling2d({ poolSize: 2 }),
        tfl.layers.flatten(),
        tfl.layers.dense({ units: 3, kernelInitializer: start(2) }),
      ],
    }),
  );
  console.log(JSON.stringify({ adapter: await nodeAdapter(), nets, copies, optimizers, trainers, ...others, stock }));
}

const start = (seed: number) => tfl.initializers.randomNormal({ seed, stddev: 0.1 });

void main();
