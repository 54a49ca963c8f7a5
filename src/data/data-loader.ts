import type { BatchTransform } from '../augment/mix/batch-transform.js';
import type { Transform } from '../augment/transform.js';
import { serializedTransform } from '../augment/transform-registry.js';
import { flag, nonNegativeInteger, onlyKnown, positiveInteger, refuse } from '../checks.js';
import { mixSeeds, seededRandom } from '../random.js';
import type { BatchSource, TrainingBatch } from './batch-source.js';
import { DataError, type ImageDataset } from './dataset.js';
import { BatchMaker } from './loader/batch-maker.js';
import { type BatchPlan, EpochPlan } from './loader/epoch-plan.js';
import {
  expectChannels,
  expectLabels,
  expectPortable,
  expectSampler,
  fingerprint,
  ownNormalization,
  sizeAfter,
} from './loader/loader-checks.js';
import { memorySource } from './loader/memory-source.js';
import { PicturePreparation } from './loader/picture-preparation.js';
import type { BrokenPicture, PictureSource } from './loader/picture-source.js';
import { Prefetcher } from './loader/prefetcher.js';
import { type Sampler, sequentialSampler, shuffledSampler } from './loader/sampler.js';
import { newBatchMemory } from './loader/worker/batch-memory.js';
import { WorkerPool } from './loader/worker/worker-pool.js';
import type { Normalization } from './normalization.js';

/** Options of DataLoader. */
export interface DataLoaderOptions {
  /** Pictures a batch. */
  readonly batchSize: number;
  /** Mean and deviation that pictures are scaled by; default: those of the dataset itself, where it is in memory. */
  readonly normalization?: Normalization;
  /** Another order every epoch; default false: as they lie. */
  readonly shuffle?: boolean;
  /** Of the order and of the random changes; default 1. */
  readonly seed?: number;
  /** Leave out a last batch smaller than the others; default false. */
  readonly dropLast?: boolean;
  /** Random changes of every picture, one after another, the same for the same seed, epoch and picture. */
  readonly transforms?: readonly Transform[];
  /** Random change of whole batches, after everything else: `mixup()`, `cutMix()`. */
  readonly batchTransform?: BatchTransform;
  /** Which pictures an epoch shows, in place of shuffle: `weightedSampler`, `balancedSampler` or your own. */
  readonly sampler?: Sampler;
  /** What the loss of each class is multiplied by: `classWeights(labels)`; default: batches have no weights. */
  readonly classWeights?: ArrayLike<number>;
  /**
   * Threads that prepare batches while the net is trained on others; default 0: batches are prepared when they are asked for. They
   * know the package's own transforms only.
   */
  readonly workers?: number;
  /** Batches that workers prepare ahead; default: as many as fit into 64 MB, from 2 to 32 for each worker. */
  readonly prefetch?: number;
}

const OPTIONS = [
  ...['batchSize', 'normalization', 'shuffle', 'seed', 'dropLast', 'transforms', 'sampler', 'classWeights', 'batchTransform'],
  ...['workers', 'prefetch'],
];

/**
 * Batches of a dataset, epoch by epoch: shuffled, changed at random, normalised. They are the same, to the bit, with any number
 * of workers. One pass at a time.
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
  private readonly source: PictureSource;
  private readonly sampler: Sampler;
  private readonly seed: number;
  private readonly transforms: readonly Transform[];
  private readonly normalization: Normalization;
  private readonly classWeights: ArrayLike<number> | undefined;
  private readonly batchTransform: BatchTransform | undefined;
  private readonly workers: number;
  private readonly prefetch: number;
  private readonly plans = new Map<number, EpochPlan>();
  private readonly brokenPlaces = new Map<number, BrokenPicture>();
  private team: Promise<Team> | undefined;
  private waited = 0;

  /**
   * @param dataset pictures in memory, or in files (`openImageFolder`, `openCsv`)
   * @throws ArgumentError naming the option that is wrong; GeometryError where a transform does not take pictures of that size
   */
  constructor(dataset: ImageDataset | PictureSource, options: DataLoaderOptions) {
    onlyKnown('DataLoader', options, OPTIONS);
    const { shuffle = false, seed = 1, dropLast = false, transforms = [], workers = 0, classWeights } = options;
    this.source = 'images' in dataset ? memorySource(dataset) : dataset;
    const { count, classNames } = this.source;
    expectLabels(this.source);
    this.batchSize = positiveInteger('DataLoader', 'batchSize', options.batchSize);
    this.seed = nonNegativeInteger('DataLoader', 'seed', seed);
    this.sampler =
      options.sampler !== undefined
        ? expectSampler(options.sampler, count)
        : flag('DataLoader', 'shuffle', shuffle)
          ? shuffledSampler(count, seed)
          : sequentialSampler(count);
    const batches = this.sampler.count / this.batchSize;
    this.batchesPerEpoch = flag('DataLoader', 'dropLast', dropLast) ? Math.floor(batches) : Math.ceil(batches);
    this.count = Math.min(this.sampler.count, this.batchesPerEpoch * this.batchSize);
    this.classNames = classNames;
    this.transforms = transforms;
    const { height, width, channels } = sizeAfter(this.source, transforms);
    this.shape = [height, width, channels];
    this.normalization = options.normalization ?? ownNormalization(dataset);
    expectChannels(this.normalization, channels);
    if (classWeights && classWeights.length !== classNames.length) {
      refuse('DataLoader', 'classWeights', `${classNames.length} numbers, one for each class`, Array.from(classWeights));
    }
    this.classWeights = classWeights;
    this.batchTransform = options.batchTransform;
    this.workers = nonNegativeInteger('DataLoader', 'workers', workers);
    this.prefetch = positiveInteger('DataLoader', 'prefetch', options.prefetch ?? this.usualPrefetch());
    if (workers > 0) expectPortable(this.source, transforms);
  }

  get recipe(): string {
    const { seed, normalization, batchTransform, batchesPerEpoch, classWeights } = this;
    const transforms = this.transforms.map((transform) => ({ className: transform.className, config: transform.getConfig() }));
    // Whatever the sampler is: what the first epoch shows tells it from others; and what these pictures are labelled.
    const order = fingerprint(this.sampler.places(0));
    const labels = fingerprint(this.source.labels);
    const weights = classWeights && Array.from(classWeights);
    const mixing = batchTransform && { name: batchTransform.name, config: batchTransform.getConfig() };
    return JSON.stringify({ seed, order, labels, batchesPerEpoch, weights, normalization, transforms, mixing });
  }

  get varies(): boolean {
    return this.mixes || !this.transforms.every(({ fixed }) => fixed === true);
  }

  get mixes(): boolean {
    return this.batchTransform !== undefined;
  }

  placesOf(epoch: number): Int32Array {
    return this.sampler.places(nonNegativeInteger('DataLoader', 'epoch', epoch)).subarray(0, this.count);
  }

  get waitedMs(): number {
    return this.waited;
  }

  /** Pictures that were found to be broken so far, by their places; another of their class was shown in place of each. */
  get broken(): readonly BrokenPicture[] {
    return [...this.brokenPlaces.values()].sort((a, b) => a.place - b.place);
  }

  /** @throws DataError naming the picture that cannot be prepared, or that a worker died of */
  async *epoch(epoch: number, first = 0): AsyncGenerator<TrainingBatch, void> {
    nonNegativeInteger('DataLoader', 'epoch', epoch);
    nonNegativeInteger('DataLoader', 'first', first);
    const next = this.workers > 0 ? this.nextFromWorkers : this.ownNext();
    for (let number = first; number < this.batchesPerEpoch; number++) {
      const since = performance.now();
      const plain = await next.call(this, epoch, number);
      const random = seededRandom(mixSeeds(this.seed, epoch, number, WHOLE_BATCH));
      const batch = this.batchTransform?.apply(plain, this.classNames.length, random) ?? plain;
      this.waited += performance.now() - since;
      yield batch;
    }
  }

  /** Ends the workers; another epoch starts them again. */
  async close(): Promise<void> {
    const { team } = this;
    this.team = undefined;
    await (await team?.catch(() => undefined))?.pool.close();
  }

  /** Prepares batches in this thread. */
  private ownNext(): (epoch: number, number: number) => Promise<TrainingBatch> {
    const reader = this.source.open();
    const maker = new BatchMaker(reader, this.newPreparation());
    const images = new Float32Array(this.batchSize * this.values);
    return async (epoch, number) => {
      const places = await maker.make(this.planOf(epoch, number)!, images);
      this.note(reader.takeBroken());
      return this.batchOf(images, places);
    };
  }

  private async nextFromWorkers(epoch: number, number: number): Promise<TrainingBatch> {
    if (!this.team) {
      this.team = this.start();
      (await this.team).prefetcher.orderBehind({ epoch, number });
      // The first one is made here: until workers have started, more than one could have been.
      return this.ownNext()(epoch, number);
    }
    const { team } = this;
    const { pool, prefetcher } = await team;
    try {
      const { images, places, broken, error } = await prefetcher.take({ epoch, number });
      this.note(broken);
      if (error !== undefined) throw DataError.ofMessage(error);
      return this.batchOf(new Float32Array(images), places);
    } catch (cause) {
      if (pool.failed && this.team === team) this.team = undefined;
      throw cause;
    }
  }

  private async start(): Promise<Team> {
    const { source, transforms, normalization, batchSize, prefetch } = this;
    const [height, width, channels] = this.shape;
    const opening = { transforms: transforms.map(serializedTransform), normalization, size: { height, width, channels } };
    const pool = await WorkerPool.start(source, this.workers, opening);
    const { bytesEach } = source.worker!;
    const newMemory = () => newBatchMemory(batchSize * this.values, batchSize * bytesEach);
    const prefetcher = new Prefetcher(pool, (epoch, number) => this.planOf(epoch, number), newMemory, prefetch);
    return { pool, prefetcher };
  }

  private usualPrefetch(): number {
    const fitting = Math.floor(PREFETCH_BYTES / (4 * this.batchSize * this.values));
    const each = Math.floor(fitting / Math.max(1, this.workers));
    return Math.max(1, this.workers * Math.min(MOST_AHEAD, Math.max(LEAST_AHEAD, each)));
  }

  /** Values of a picture. */
  private get values(): number {
    return this.shape[0] * this.shape[1] * this.shape[2];
  }

  private newPreparation(): PicturePreparation {
    const [height, width, channels] = this.shape;
    return new PicturePreparation(this.transforms, this.normalization, { height, width, channels });
  }

  /** Undefined behind the last batch of an epoch. */
  private planOf(epoch: number, number: number): BatchPlan | undefined {
    if (number >= this.batchesPerEpoch) return undefined;
    let plan = this.plans.get(epoch);
    if (!plan) {
      // This epoch's and the next one's, which workers begin early.
      for (const old of this.plans.keys()) if (Math.abs(old - epoch) > 1) this.plans.delete(old);
      plan = new EpochPlan(this.sampler, this.seed, epoch, this.batchSize);
      this.plans.set(epoch, plan);
    }
    return plan.batch(number);
  }

  private note(broken: readonly BrokenPicture[]): void {
    for (const picture of broken) this.brokenPlaces.set(picture.place, picture);
  }

  private batchOf(images: Float32Array, places: Int32Array): TrainingBatch {
    const { shape, classWeights } = this;
    const size = places.length;
    const labels = places.map((place) => this.source.labels[place]!);
    const weights = classWeights && Float32Array.from(labels, (label) => classWeights[label]!);
    return { images: images.subarray(0, size * this.values), shape, labels, ...(weights && { weights }), places, size };
  }
}

/** What prepares batches beside the training. */
interface Team {
  readonly pool: WorkerPool;
  readonly prefetcher: Prefetcher;
}

const PREFETCH_BYTES = 64e6;
/** Batches ahead for each worker: one in the making, and one that is there; and no more than that waking it is a small part of its work. */
const LEAST_AHEAD = 2;
const MOST_AHEAD = 32;

/** Tells the seeds of batches from those of pictures. */
const WHOLE_BATCH = 0xba7c4;
