/** Batches of tensors, as tf.data gives them. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { DataError, type TensorDataset, tensorSource } from '../src/data/index.js';

/** What a tf.data.Dataset does, as far as it is used. */
function datasetOf(batches: (() => unknown)[]): TensorDataset {
  return {
    async iterator() {
      let at = 0;
      return {
        next: async () => (at < batches.length ? { value: batches[at++]!(), done: false } : { value: null, done: true }),
      };
    },
  };
}

const facts = { batchSize: 2, batchesPerEpoch: 2, shape: [1, 1, 2], classNames: ['a', 'b', 'c'] } as const;
const pictures = (size: number, first: number) =>
  tf.tensor4d(
    Array.from({ length: 2 * size }, (_, i) => first + i),
    [size, 1, 1, 2],
  );

async function batchesOf(source: ReturnType<typeof tensorSource>, first?: number) {
  const batches = [];
  for await (const { images, labels, targets, places } of source.epoch(0, first)) {
    batches.push({ images: [...images], labels: [...labels], targets: targets && [...targets], places: [...places] });
  }
  return batches;
}

test('classes and shares of classes are taken, from any batch on, and no tensor is left', async () => {
  const before = tf.memory().numTensors;
  const source = tensorSource(
    datasetOf([
      () => ({ xs: pictures(2, 0), ys: tf.tensor1d([2, 0], 'int32') }),
      () => ({ xs: pictures(1, 4), ys: tf.tensor2d([[0.25, 0.75, 0]]) }),
    ]),
    facts,
  );
  const all = await batchesOf(source);
  expect(all).toEqual([
    { images: [0, 1, 2, 3], labels: [2, 0], targets: undefined, places: [0, 1] },
    { images: [4, 5], labels: [1], targets: [0.25, 0.75, 0], places: [2] },
  ]);
  expect(await batchesOf(source, 1)).toEqual(all.slice(1));
  expect(tf.memory().numTensors).toBe(before);
  expect([source.count, source.batchesPerEpoch, source.waitedMs > 0]).toEqual([4, 2, true]);
  await source.close();
});

test.each([
  ['nothing', () => undefined, /expected tensors { xs, ys }, found undefined/],
  ['pairs', () => [1, 2], /expected tensors { xs, ys }, found 0, 1/],
  ['other sizes', () => ({ xs: tf.zeros([2, 2, 1, 2]), ys: tf.zeros([2]) }), /batch 0: expected xs \[up to 2, 1, 1, 2\]/],
  ['other classes', () => ({ xs: pictures(2, 0), ys: tf.zeros([2, 4]) }), /ys \[size\] or \[size, 3\], found .*\[2, 4\]/],
])('%s is an error', async (_, batch, message) => {
  await expect(batchesOf(tensorSource(datasetOf([batch]), facts))).rejects.toThrow(message);
});

test('fewer batches than said are an error', async () => {
  const one = () => ({ xs: pictures(2, 0), ys: tf.tensor1d([1, 1]) });
  await expect(batchesOf(tensorSource(datasetOf([one]), facts))).rejects.toThrow(DataError);
  expect(() => tensorSource(datasetOf([one]), { ...facts, batchSize: 0 })).toThrow(/batchSize must be a positive integer/);
});
