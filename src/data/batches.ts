import { ArgumentError } from '../geometry.js';
import { randomPermutation } from '../random.js';
import type { ImageDataset } from './dataset.js';
import { type Normalization, normalizer } from './normalization.js';

/** Views on memory that the next batch overwrites: use or copy before asking for it. */
export interface Batch {
  /** Normalised, [size, height, width, channels]. */
  readonly images: Float32Array;
  /** Class of every picture. */
  readonly labels: Int32Array;
  /** Number of pictures. */
  readonly size: number;
}

/** Options of batches. */
export interface BatchOptions {
  /** Pictures a batch. */
  readonly batchSize: number;
  /** Mean and deviation that pictures are scaled by. */
  readonly normalization: Normalization;
  /** Order of the pictures; without it they come as they lie. Give another one every epoch. */
  readonly seed?: number;
  /** Leave out a last batch smaller than the others; default false. */
  readonly dropLast?: boolean;
}

/** Number of batches that `batches` gives for the same options. */
export function batchCount(count: number, { batchSize, dropLast = false }: Pick<BatchOptions, 'batchSize' | 'dropLast'>): number {
  return dropLast ? Math.floor(count / batchSize) : Math.ceil(count / batchSize);
}

/**
 * One pass over a dataset, in batches.
 *
 * @throws ArgumentError where the batch size is no positive integer or the normalisation has other channels
 */
export function* batches(dataset: ImageDataset, options: BatchOptions): Generator<Batch, void> {
  const { batchSize, normalization, seed } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new ArgumentError(`batches: batchSize must be a positive integer, got ${batchSize}`);
  }
  if (normalization.mean.length !== dataset.channels) {
    throw new ArgumentError(
      `batches: normalization is for ${normalization.mean.length} channels, the pictures have ${dataset.channels}`,
    );
  }
  const pixels = dataset.height * dataset.width * dataset.channels;
  const normalize = normalizer(normalization);
  const order = seed === undefined ? undefined : randomPermutation(dataset.count, seed);
  const images = new Float32Array(batchSize * pixels);
  const labels = new Int32Array(batchSize);

  for (let b = 0; b < batchCount(dataset.count, options); b++) {
    const begin = b * batchSize;
    const size = Math.min(batchSize, dataset.count - begin);
    for (let i = 0; i < size; i++) {
      const place = order ? order[begin + i] : begin + i;
      normalize(dataset.images.subarray(place * pixels, (place + 1) * pixels), images, i * pixels);
      labels[i] = dataset.labels[place];
    }
    yield { images: images.subarray(0, size * pixels), labels: labels.subarray(0, size), size };
  }
}
