/** GoogLeNet's module 3a at batch 8: its four last convolutions written into one tensor, and joined by a copy. */
import * as tf from '@tensorflow/tfjs-core';
import { concatChannels, conv2d, joinedConv2d } from 'tfjs-cnn';
import { type Way, ways } from './backends.js';
import { type Contestant, measure } from './measure.js';
import { type Row, row } from './table.js';

const [BATCH, SIDE] = [8, 28];
/** Size of the filter, channels in and out: 1x1; 3x3 behind 96; 5x5 behind 16; 1x1 behind the pool. */
const BRANCHES = [
  [1, 192, 64],
  [3, 96, 128],
  [5, 16, 32],
  [1, 192, 32],
] as const;

type Join = (tensors: readonly tf.Tensor[]) => tf.Tensor;

/** x, filter and bias of branch i, of tensors in the order x0, filter0, bias0, x1, ... */
const branch = (tensors: readonly tf.Tensor[], i: number) => ({
  x: tensors[3 * i] as tf.Tensor4D,
  filter: tensors[3 * i + 1] as tf.Tensor4D,
  bias: tensors[3 * i + 2] as tf.Tensor1D,
  pads: 'same' as const,
});

const inPlace: Join = (tensors) =>
  joinedConv2d(
    BRANCHES.map((_, i) => branch(tensors, i)),
    { activation: 'relu' },
  );

const byCopy: Join = (tensors) =>
  concatChannels(
    BRANCHES.map((_, i) => {
      const { x, filter, ...options } = branch(tensors, i);
      return conv2d(x, filter, { ...options, activation: 'relu' });
    }),
  );

function contestant(name: string, way: Way, join: Join, backward: boolean): Contestant {
  let tensors: tf.Tensor[];
  let dy: tf.Tensor;
  return {
    name: `${name}${way === ways.wasmCnnOne ? ', 1 thread' : ''}`,
    async before() {
      await way.use();
      tensors ??= BRANCHES.flatMap(([size, channels, out]) => [
        tf.randomUniform([BATCH, SIDE, SIDE, channels], -1, 1),
        tf.randomUniform([size, size, channels, out], -1, 1),
        tf.randomUniform([out], -1, 1),
      ]);
      dy ??= tf.randomUniform([BATCH, SIDE, SIDE, BRANCHES.reduce((sum, [, , out]) => sum + out, 0)], -1, 1);
    },
    run: () =>
      tf.tidy(() => {
        if (backward) tf.valueAndGrads((...all: tf.Tensor[]) => join(all))(tensors, dy);
        else join(tensors);
      }),
  };
}

/** Forward, and with all gradients, on one thread and on all. */
export async function inceptionModule(): Promise<Row[]> {
  const products = BATCH * SIDE * SIDE * BRANCHES.reduce((sum, [size, channels, out]) => sum + size * size * channels * out, 0);
  const rows: Row[] = [];
  for (const backward of [false, true]) {
    for (const way of [ways.wasmCnnOne, ways.wasmCnn]) {
      const both = [
        contestant('joinedConv2d', way, inPlace, backward),
        contestant('conv2d, concatChannels', way, byCopy, backward),
      ];
      const timings = await measure(both, { rounds: 25, warmUp: 3 });
      rows.push(
        row(backward ? 'inception 3a, forward and backward' : 'inception 3a, forward', timings, products * (backward ? 6 : 2)),
      );
    }
  }
  return rows;
}
