/** Whole training steps: forward, loss, backward, update. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { conv2d, createOptimizer, leNet5, softmaxCrossEntropy } from 'tfjs-cnn';
import { type Way, ways } from './backends.js';
import { type Contestant, measure } from './measure.js';
import { type Row, row } from './table.js';

const BATCH = 64;

/** LeNet-5 of tfjs's own layers, as leNet5() is of ours. */
function stockLeNet(): tfl.LayersModel {
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

/** One step the way a user of stock tfjs writes it by hand, which is faster than `fit`. */
export function stockStep(way: Way, repeat: number): Contestant {
  let step: (() => Promise<void>) | undefined;
  return {
    name: way.name,
    async before() {
      await way.use();
      if (step) return;
      const model = stockLeNet();
      const [x, labels] = batch();
      const optimizer = tf.train.momentum(0.01, 0.9);
      const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
      step = async () => {
        const loss = optimizer.minimize(
          () => tf.losses.softmaxCrossEntropy(labels, model.apply(x, { training: true }) as tf.Tensor) as tf.Scalar,
          true,
          variables,
        )!;
        await loss.data();
        loss.dispose();
      };
    },
    repeat,
    run: () => step!(),
  };
}

export function ourStep(way: Way, repeat = 10): Contestant {
  let step: (() => Promise<void>) | undefined;
  return {
    name: way.name,
    async before() {
      await way.use();
      if (step) return;
      const model = leNet5({ seed: 1 });
      const [x, labels] = batch();
      const optimizer = createOptimizer('sgd', 0.01);
      const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
      step = async () => {
        const loss = optimizer.minimize(
          () => softmaxCrossEntropy(model.apply(x, { training: true }) as tf.Tensor2D, labels) as tf.Scalar,
          true,
          variables,
        )!;
        await loss.data();
        loss.dispose();
      };
    },
    repeat,
    run: () => step!(),
  };
}

function batch(): [tf.Tensor, tf.Tensor] {
  const labels = tf.tensor1d(
    Array.from({ length: BATCH }, (_, i) => i % 10),
    'int32',
  );
  return [tf.randomUniform([BATCH, 28, 28, 1]), tf.cast(tf.oneHot(labels, 10), 'float32')];
}

/** LeNet-5 against stock cpu: few rounds, a step there takes seconds. */
export async function leNetAgainstCpu(): Promise<Row[]> {
  const fast = await measure([ourStep(ways.wasmCnnOne), ourStep(ways.wasmCnn)], { rounds: 25, warmUp: 5 });
  const paired = await measure([ourStep(ways.wasmCnn), stockStep(ways.stockCpu, 1)], { rounds: 3, warmUp: 2 });
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
