/** Whole training steps: forward, loss, backward, update. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { conv2d, leNet5, Sgd, Trainer } from 'tfjs-cnn';
import { type Way, ways } from './backends.js';
import { type Contestant, measure } from './measure.js';
import { type Row, row } from './table.js';

const BATCH = 64;

/** LeNet-5 of tfjs's own layers, as leNet5() is of ours. */
export function stockLeNet(): tfl.LayersModel {
  const { conv2d, dense, flatten, maxPooling2d } = tfl.layers;
  return tfl.sequential({
    layers: [
      conv2d({ inputShape: [28, 28, 1], filters: 6, kernelSize: 5, padding: 'same', activation: 'relu' }),
      maxPooling2d({ poolSize: 2 }),
      conv2d({ filters: 16, kernelSize: 5, activation: 'relu' }),
      maxPooling2d({ poolSize: 2 }),
      flatten(),
      dense({ units: 120, activation: 'relu' }),
      dense({ units: 84, activation: 'relu' }),
      dense({ units: 10 }),
    ],
  });
}

/** What is trained: a model, and the shape and classes of a batch. */
export interface Task {
  build(): tfl.LayersModel;
  shape: number[];
  classes: number;
}

const leNet = { shape: [BATCH, 28, 28, 1], classes: 10 };

/** One step the way a user of stock tfjs writes it by hand, which is faster than `fit`. */
export function stockStep(way: Way, { build, shape, classes }: Task, repeat: number): Contestant {
  let step: (() => Promise<void>) | undefined;
  return {
    name: way.name,
    async before() {
      await way.use();
      if (step) return;
      const model = build();
      const x = tf.randomUniform(shape);
      const labels = oneHot(shape[0]!, classes);
      const optimizer = tf.train.momentum(0.01, 0.9);
      const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
      step = async () => {
        const value = optimizer.minimize(
          () => tf.losses.softmaxCrossEntropy(labels, model.apply(x, { training: true }) as tf.Tensor) as tf.Scalar,
          true,
          variables,
        )!;
        await value.data();
        value.dispose();
      };
    },
    repeat,
    run: () => step!(),
  };
}

/** One step of our layers, loss and optimizer, as the trainer takes it: the pictures come as numbers, the loss goes as one. */
export function ourStep(way: Way, { build, shape, classes }: Task, repeat: number): Contestant {
  let step: (() => Promise<void>) | undefined;
  return {
    name: way.name,
    async before() {
      await way.use();
      if (step) return;
      const trainer = new Trainer(build(), { optimizer: new Sgd({ learningRate: 0.01, momentum: 0.9 }) });
      const [size, ...picture] = shape as [number, number, number, number];
      const images = tf.tidy(() => tf.randomUniform(shape).dataSync<'float32'>().slice());
      const labels = Int32Array.from({ length: size }, (_, i) => i % classes);
      step = async () => {
        const { loss, output } = trainer.step({ images, shape: picture, labels, places: labels, size });
        await loss.data();
        tf.dispose([loss, output]);
      };
      // The first steps are recorded.
      for (let i = 0; i < 4; i++) await step();
    },
    repeat,
    run: () => step!(),
  };
}

export const ourLeNetStep = (way: Way, repeat = 10): Contestant =>
  ourStep(way, { ...leNet, build: () => leNet5({ seed: 1 }) }, repeat);

export const stockLeNetStep = (way: Way, repeat: number): Contestant => stockStep(way, { ...leNet, build: stockLeNet }, repeat);

function oneHot(batch: number, classes: number): tf.Tensor {
  const labels = tf.tensor1d(
    Array.from({ length: batch }, (_, i) => i % classes),
    'int32',
  );
  return tf.cast(tf.oneHot(labels, classes), 'float32');
}

/** LeNet-5 against stock cpu: few rounds, a step there takes seconds. */
export async function leNetAgainstCpu(): Promise<Row[]> {
  const fast = await measure([ourLeNetStep(ways.wasmCnnOne), ourLeNetStep(ways.wasmCnn)], { rounds: 25, warmUp: 5 });
  const paired = await measure([ourLeNetStep(ways.wasmCnn), stockLeNetStep(ways.stockCpu, 1)], { rounds: 3, warmUp: 2 });
  return [row('LeNet-5, batch 64, one step', fast), row('LeNet-5, batch 64, one step', paired)];
}

/** What a gradient nobody asks for costs: nothing. */
export async function pruning(): Promise<Row[]> {
  const shape: [number, number, number, number] = [16, 28, 28, 64];
  let tensors: { x: tf.Tensor4D; filter: tf.Tensor4D; dy: tf.Tensor } | undefined;
  const contestant = (name: string, wrt: ('x' | 'filter')[]): Contestant => ({
    name,
    async before() {
      await ways.wasmCnn.use();
      tensors ??= {
        x: tf.randomUniform(shape) as tf.Tensor4D,
        filter: tf.randomUniform([3, 3, 64, 64]) as tf.Tensor4D,
        dy: tf.randomUniform(shape),
      };
    },
    run() {
      const { x, filter, dy } = tensors!;
      const asked = wrt.map((name_) => tensors![name_]);
      const f = (...given: tf.Tensor[]) => {
        const all = { x, filter, ...Object.fromEntries(wrt.map((name_, i) => [name_, given[i]!])) } as {
          x: tf.Tensor4D;
          filter: tf.Tensor4D;
        };
        return conv2d(all.x, all.filter, { pads: 'same' });
      };
      if (asked.length > 0) tf.dispose(tf.grads(f)(asked, dy));
      else tf.dispose(f());
    },
  });
  const all = [
    contestant('forward alone', []),
    contestant('+ dx (filter frozen)', ['x']),
    contestant('+ dfilter (first layer)', ['filter']),
    contestant('+ both', ['x', 'filter']),
  ];
  return [row('conv2d 3x3 16x28x28x64, forward and backward', await measure(all, { rounds: 15 }))];
}
