/** Native ops on TensorFlow beside compositions of its own, and compiled steps beside eager ones. */
import * as tf from '@tensorflow/tfjs-core';
import { addRelu, batchNormTraining, conv2d, createOptimizer, maxPool, softmaxCrossEntropy } from 'tfjs-cnn';
import type { Way } from './backends.js';
import { stepsOf, tasks } from './compiled.js';
import { measure } from './measure.js';
import { type Row, row } from './table.js';
import { loadTfjsNode, tensorflowWays, withoutTfjsNode } from './tfjs-node.js';

/** What is measured: makes its tensors, and gives what runs on them. */
type Work = () => () => void;

const random = (shape: number[]): tf.Tensor => tf.randomUniform(shape, -1, 1);

/** Forward and backward of an op, with respect to all inputs. */
function bothWays(shapes: number[][], op: (...inputs: tf.Tensor[]) => tf.Tensor): Work {
  return () => {
    const inputs = shapes.map(random);
    const gradients = tf.grads(op);
    const dy = tf.tidy(() => tf.onesLike(op(...inputs)));
    return () => tf.dispose(gradients(inputs, dy));
  };
}

const picture = [128, 32, 32, 16];

const works: Readonly<Record<string, Work>> = {
  'batch normalisation and relu, 128x32x32x16, forward and backward': bothWays([picture, [16], [16]], (x, gamma, beta) => {
    return batchNormTraining(x!, { gamma, beta, activation: 'relu' }).y;
  }),
  'a + b and relu, 128x32x32x16, forward and backward': bothWays([picture, picture], (a, b) => addRelu(a!, b!)),
  'max pool 2x2, 64x28x28x6, forward and backward': bothWays([[64, 28, 28, 6]], (x) => maxPool(x as tf.Tensor4D, { size: 2 })),
  'max pool 3x3, 8x112x112x64, forward and backward': bothWays([[8, 112, 112, 64]], (x) => {
    return maxPool(x as tf.Tensor4D, { size: 3, strides: 2, pads: 1 });
  }),
  'softmax cross-entropy, 128x1000, forward and backward': bothWays([[128, 1000]], (logits) => {
    return softmaxCrossEntropy(logits as tf.Tensor2D, tf.zeros([128]));
  }),
  'conv 3x3 and relu, 128x32x32x16, forward and backward': bothWays([picture, [3, 3, 16, 16], [16]], (x, filter, bias) => {
    const options = { bias: bias as tf.Tensor1D, pads: 'same', activation: 'relu' } as const;
    return conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, options);
  }),
  'conv 5x5 and relu, 64x28x28x1 to 6, forward and filter': () => {
    const [x, filter, bias] = [[64, 28, 28, 1], [5, 5, 1, 6], [6]].map(random) as [tf.Tensor4D, tf.Tensor, tf.Tensor];
    const gradients = tf.grads((f: tf.Tensor, b: tf.Tensor) => {
      return conv2d(x, f as tf.Tensor4D, { bias: b as tf.Tensor1D, pads: 'same', activation: 'relu' });
    });
    return () => tf.dispose(gradients([filter, bias]));
  },
  "AdamW's update, 50 weights of 200,000": () => {
    const optimizer = createOptimizer('adamW');
    const weights = Array.from({ length: 50 }, () => random([200, 1000]).variable());
    const gradients = Object.fromEntries(weights.map(({ name }) => [name, random([200, 1000])]));
    return () => optimizer.applyGradients(gradients);
  },
};

async function opRows(all: readonly Way[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [what, work] of Object.entries(works)) {
    const contestants = all.map((way) => {
      let run: (() => void) | undefined;
      return {
        name: way.name,
        async before() {
          await way.use();
          run ??= work();
        },
        run: () => run!(),
      };
    });
    rows.push(row(what, await measure(contestants, { rounds: 15, warmUp: 3 })));
  }
  return rows;
}

async function stepRows({ use }: Way): Promise<Row[]> {
  await use();
  const rows: Row[] = [];
  for (const task of tasks.slice(0, 3)) {
    const { contestants, dispose } = stepsOf(task);
    // Steps are recorded until two in a row are alike.
    for (let i = 0; i < 4; i++) await contestants[0]!.run();
    rows.push(row(`${task.what}, one step`, await measure(contestants, { rounds: task.rounds })));
    dispose();
  }
  return rows;
}

/** @throws Error where tfjs-node is not built */
export async function nativeOps(): Promise<Row[]> {
  const missing = withoutTfjsNode();
  if (missing) throw new Error(`tfjs-node is missing; ${missing}`);
  loadTfjsNode();
  const { native, composed } = tensorflowWays();
  return [...(await opRows([native, composed])), ...(await stepRows(native))];
}
