import type { PictureSize, Transform } from '../augment/transform.js';
import { flag, positiveInteger } from '../checks.js';
import { ArgumentError } from '../geometry.js';
import type { BatchSource, TrainingBatch } from './batch-source.js';
import { batchCount } from './batches.js';
import type { ImageDataset } from './dataset.js';
import { EpochPlan } from './loader/epoch-plan.js';
import { PicturePreparation } from './loader/picture-preparation.js';
import { type Sampler, sequentialSampler, shuffledSampler } from './loader/sampler.js';
import { type Normalization, normalizationOf } from './normalization.js';

/** Options of DataLoader. */
export interface DataLoaderOptions {
  /** Pictures a batch. */
  readonly batchSize: number;
  /** Mean and deviation that pictures are scaled by; default: those of the dataset itself. */
  readonly normalization?: Normalization;
  /** Another order every epoch; default false: as they lie. */
  readonly shuffle?: boolean;
  /** Of the order and of the random changes; default 1. */
  readonly seed?: number;
  /** Leave out a last batch smaller than the others; default false. */
  readonly dropLast?: boolean;
  /** Random changes of every picture, one after another, the same for the same seed, epoch and picture. */
  readonly transforms?: readonly Transform[];
  /** Threads that prepare batches. */
  readonly workers?: number;
}

/**
 * Batches of a dataset, epoch by epoch: shuffled, changed at random, normalised.
 *
 *     const loader = new DataLoader(train, { batchSize: 64, shuffle: true, transforms: [new RandomCrop({ size: 28, padding: 2 })] });
 *     for await (const { images, labels } of loader.epoch(0)) ...
 */
export class DataLoader implements BatchSource {
  readonly count: number;
  readonly batchSize: number;
  readonly batchesPerEpoch: number;
  readonly shape: readonly [number, number, number];
  readonly classNames: readonly string[];
  private readonly seed: number;
  private readonly sampler: Sampler;
  private readonly preparation: PicturePreparation;
  private waited = 0;

  /** @throws ArgumentError naming the option that is wrong; GeometryError where a transform does not fit the pictures' size */
  constructor(
    private readonly dataset: ImageDataset,
    options: DataLoaderOptions,
  ) {
    const { normalization = normalizationOf(dataset), shuffle = false, seed = 1, dropLast = false, transforms = [] } = options;
    this.batchSize = positiveInteger('DataLoader', 'batchSize', options.batchSize);
    const shuffled = flag('DataLoader', 'shuffle', shuffle);
    this.seed = seed;
    this.sampler = shuffled ? shuffledSampler(dataset.count, seed) : sequentialSampler(dataset.count);
    const batchOptions = { batchSize: this.batchSize, dropLast: flag('DataLoader', 'dropLast', dropLast) };
    this.batchesPerEpoch = batchCount(this.sampler.count, batchOptions);
    this.count = dropLast ? this.batchesPerEpoch * this.batchSize : this.sampler.count;
    this.classNames = dataset.classNames;
    const size = transforms.reduce<PictureSize>((before, transform) => transform.sizeAfter(before), dataset);
    this.shape = [size.height, size.width, size.channels];
    if (normalization.mean.length !== size.channels) {
      throw new ArgumentError(
        `DataLoader: normalization is for ${normalization.mean.length} channels, the pictures have ${size.channels}`,
      );
    }
    this.preparation = new PicturePreparation(transforms, normalization, size);
  }

  get waitedMs(): number {
    return this.waited;
  }

  async *epoch(epoch: number, first = 0): AsyncGenerator<TrainingBatch, void> {
    const plan = new EpochPlan(this.sampler, this.seed, epoch, this.batchSize);
    const images = new Float32Array(this.batchSize * this.shape[0] * this.shape[1] * this.shape[2]);
    for (let number = first; number < this.batchesPerEpoch; number++) {
      const since = performance.now();
      const batch = this.prepare(plan, number, images);
      this.waited += performance.now() - since;
      yield batch;
    }
  }

  /** Nothing runs beside. */
  async close(): Promise<void> {}

  private prepare(plan: EpochPlan, number: number, images: Float32Array): TrainingBatch {
    const { dataset, shape } = this;
    const { height, width, channels } = dataset;
    const { places, seeds } = plan.batch(number);
    const bytes = height * width * channels;
    const values = shape[0] * shape[1] * shape[2];
    const labels = new Int32Array(places.length);
    places.forEach((place, i) => {
      const pixels = dataset.images.subarray(place * bytes, (place + 1) * bytes);
      const name = () => `picture ${place} of ${dataset.sourceDescription}`;
      this.preparation.prepare({ pixels, height, width, channels }, seeds[i]!, images, i * values, name);
      labels[i] = dataset.labels[place]!;
    });
    return { images: images.subarray(0, places.length * values), shape, labels, places, size: places.length };
  }
}
