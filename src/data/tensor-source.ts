import type { Tensor } from '@tensorflow/tfjs-core';
import { onlyKnown, positiveInteger } from '../checks.js';
import type { BatchSource, TrainingBatch } from './batch-source.js';
import { DataError } from './dataset.js';
import { likeliest } from './likeliest.js';

/** A batch as tf.data gives it. */
export interface TensorBatch {
  /** Pictures as the net sees them, [size, height, width, channels]. */
  readonly xs: Tensor;
  /** Classes [size], or shares of classes [size, classes]. */
  readonly ys: Tensor;
}

/** What is used of a tf.data.Dataset: any object with batches one by one. */
export interface TensorDataset {
  /** Begins an epoch. */
  iterator(): Promise<TensorIterator>;
}

/** Gives the batches of an epoch, one by one. */
export interface TensorIterator {
  /** The next batch, `{ xs, ys }`. */
  next(): Promise<IteratorResult<unknown, unknown>>;
}

/** What a tf.data.Dataset does not tell by itself. */
export interface TensorSourceOptions {
  /** Pictures a batch. */
  readonly batchSize: number;
  /** Batches an epoch: what comes after them is not looked at, fewer are an error. */
  readonly batchesPerEpoch: number;
  /** [height, width, channels] */
  readonly shape: readonly [number, number, number];
  /** Names of the classes, in the order of their labels. */
  readonly classNames: readonly string[];
}

const OPTIONS: readonly (keyof TensorSourceOptions)[] = ['batchSize', 'batchesPerEpoch', 'shape', 'classNames'];

/**
 * Batches of a `tf.data.Dataset` of `{ xs, ys }`, batched already, for a Trainer. Its own shuffle decides what an epoch shows, so a training
 * that is resumed repeats to the bit only where that is the same every time.
 *
 *     tensorSource(tf.data.zip({ xs, ys }).batch(32), { batchSize: 32, batchesPerEpoch: 100, shape: [28, 28, 1], classNames })
 *
 * @throws ArgumentError where a size is no positive integer
 */
export function tensorSource(dataset: TensorDataset, options: TensorSourceOptions): BatchSource {
  const { shape, classNames } = onlyKnown('tensorSource', options, OPTIONS);
  const batchSize = positiveInteger('tensorSource', 'batchSize', options.batchSize);
  const batchesPerEpoch = positiveInteger('tensorSource', 'batchesPerEpoch', options.batchesPerEpoch);
  let waitedMs = 0;
  async function* epoch(_epoch: number, first = 0): AsyncGenerator<TrainingBatch, void> {
    const iterator = await dataset.iterator();
    for (let number = 0; number < batchesPerEpoch; number++) {
      const since = performance.now();
      const { value, done } = await iterator.next();
      if (done) throw new DataError('tensorSource', `${batchesPerEpoch} batches an epoch`, `${number}`);
      const { xs, ys } = tensorsOf(value, number);
      const batch = number < first ? undefined : await batchOf(xs, ys, number);
      xs.dispose();
      ys.dispose();
      waitedMs += performance.now() - since;
      if (batch) yield batch;
    }
  }
  async function batchOf(xs: Tensor, ys: Tensor, number: number): Promise<TrainingBatch> {
    const [size] = xs.shape as [number];
    const expected = [size, ...shape];
    const classes = ys.rank === 2 ? ys.shape[1] : undefined;
    const fits = xs.shape.join() === expected.join() && size <= batchSize && ys.shape[0] === size && ys.rank <= 2;
    if (!fits || (classes !== undefined && classes !== classNames.length)) {
      const wanted = `xs [up to ${batchSize}, ${shape.join(', ')}] and ys [size] or [size, ${classNames.length}]`;
      throw new DataError(`tensorSource, batch ${number}`, wanted, `[${xs.shape.join(', ')}] and [${ys.shape.join(', ')}]`);
    }
    const images = Float32Array.from(await xs.data());
    const values = await ys.data();
    const places = Int32Array.from({ length: size }, (_, i) => number * batchSize + i);
    const common = { images, shape, places, size };
    if (classes === undefined) return { ...common, labels: Int32Array.from(values) };
    const targets = Float32Array.from(values);
    const labels = places.map((_, i) => likeliest(targets, i * classes, classes));
    return { ...common, labels, targets };
  }
  return {
    count: batchSize * batchesPerEpoch,
    batchSize,
    batchesPerEpoch,
    shape,
    classNames,
    epoch,
    get waitedMs() {
      return waitedMs;
    },
    close: async () => undefined,
  };
}

function tensorsOf(value: unknown, number: number): TensorBatch {
  const { xs, ys } = (value ?? {}) as Partial<TensorBatch>;
  if (typeof xs?.data === 'function' && typeof ys?.data === 'function') return { xs, ys };
  throw new DataError(
    `tensorSource, batch ${number}`,
    'tensors { xs, ys }',
    Object.keys(value ?? {}).join(', ') || String(value),
  );
}
