/** Pictures as a frozen part of a net sees them. */
import { type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { flag, nonNegativeInteger, nonNegativeNumber, onlyKnown, positiveInteger, refuse } from '../../checks.js';
import type { BatchSource, TrainingBatch } from '../../data/batch-source.js';
import { ArgumentError } from '../../geometry.js';
import { shapeText, sizeOf } from '../../layers/cnn-layer.js';
import { FeatureCache } from './feature-cache.js';

/** Options of FeatureSource. */
export interface FeatureSourceOptions {
  /**
   * Whether what was computed once is kept; default: where the data say that their pictures stay the same from epoch to epoch, or
   * augmentedEpochs is given.
   */
  readonly cache?: boolean;
  /**
   * Of data whose pictures are changed at random: so many epochs' changes are kept, and epoch e shows those of epoch e mod this, in an order
   * of its own. (A picture that comes twice in an epoch of a sampler shows the same change both times.)
   */
  readonly augmentedEpochs?: number;
  /** Bytes of memory for what is kept; the rest goes to the disk, in a browser to its database. Default 256 MB. */
  readonly cacheBytes?: number;
}

/** What belongs to a picture beside its features. */
interface Facts {
  readonly place: number;
  readonly label: number;
  readonly weight: number | undefined;
}

/**
 * Batches of features: what a frozen net makes of the batches of another source. Each picture's are computed once and kept, so that later
 * epochs neither read pictures nor run the net; where every epoch shows other pictures nothing is kept, unless `augmentedEpochs` says so.
 *
 * The net is always run on batches of one size, the last one filled up, and a picture's features do not depend on its neighbours: on
 * 'wasm-cnn' and 'cpu' kept features are those that would be computed anew, to the bit.
 *
 * `close()` gives the room for what is kept back, on the disk too, and ends the workers of the data; another epoch begins anew.
 */
export class FeatureSource implements BatchSource {
  readonly shape: readonly [number, number, number];
  private readonly cache: FeatureCache | undefined;
  private readonly variants: number | undefined;
  private readonly facts = new Map<string, Facts>();
  private readonly length: number;
  private readonly memory: Float32Array;

  /**
   * @param data pictures, a DataLoader say
   * @param net  run in inference: gives one tensor, [batch, height, width, channels] or [batch, size]; `splitFrozen` makes one
   * @throws ArgumentError where the pictures do not fit the net, or data that mix pictures or do not tell their order are to be kept
   */
  constructor(
    private readonly data: BatchSource,
    private readonly net: LayersModel,
    options: FeatureSourceOptions = {},
  ) {
    const where = 'FeatureSource';
    onlyKnown(where, options, ['cache', 'augmentedEpochs', 'cacheBytes']);
    const { augmentedEpochs, cacheBytes = 2 ** 28 } = options;
    const [height = 1, width = 1, channels] = featureShape(net, data);
    this.shape = channels === undefined ? [1, 1, height] : [height, width, channels];
    this.length = sizeOf(this.shape);
    this.memory = new Float32Array(data.batchSize * this.length);
    nonNegativeNumber(where, 'cacheBytes', cacheBytes);
    this.variants = augmentedEpochs === undefined ? undefined : positiveInteger(where, 'augmentedEpochs', augmentedEpochs);
    const known = data.placesOf !== undefined && !data.mixes;
    const keeps = options.cache ?? (known && (this.variants !== undefined || data.varies === false));
    if (flag(where, 'cache', keeps)) expectKeepable(data, this.variants);
    if (keeps) this.cache = new FeatureCache(this.length, cacheBytes);
  }

  get count(): number {
    return this.data.count;
  }

  get batchSize(): number {
    return this.data.batchSize;
  }

  get batchesPerEpoch(): number {
    return this.data.batchesPerEpoch;
  }

  get classNames(): readonly string[] {
    return this.data.classNames;
  }

  get waitedMs(): number {
    return this.data.waitedMs;
  }

  get varies(): boolean | undefined {
    return this.data.varies;
  }

  get recipe(): string {
    const { data, variants } = this;
    return JSON.stringify({ pictures: data.recipe, shape: this.shape, variants });
  }

  /** Bytes of features that are kept, in memory and on the disk (in a browser: in its database). */
  get kept(): {
    /** In memory. */
    readonly memory: number;
    /** Outside of it. */
    readonly disk: number;
  } {
    return this.cache?.bytes ?? { memory: 0, disk: 0 };
  }

  async *epoch(epoch: number, first = 0): AsyncGenerator<TrainingBatch, void> {
    nonNegativeInteger('FeatureSource', 'epoch', epoch);
    nonNegativeInteger('FeatureSource', 'first', first);
    const { data, cache, variants } = this;
    if (!cache) {
      for await (const batch of data.epoch(epoch, first)) yield this.shown(batch, await this.computed(batch));
      return;
    }
    const shown = variants === undefined ? epoch : epoch % variants;
    const own = data.placesOf!(shown);
    const wanted = shown === epoch ? own : this.orderOf(epoch, own);
    const keyOf = (place: number) => (variants === undefined ? `${place}` : `${shown}/${place}`);
    const missing = own.some((place) => !cache.has(keyOf(place)));
    if (missing && wanted !== own) for await (const _ of this.read(shown, 0, own, keyOf));
    const all = wanted.every((place) => cache.has(keyOf(place)));
    if (all) {
      // Workers would go on to prepare what nobody looks at.
      await data.close();
      yield* this.fromCache(wanted, first, keyOf);
    } else yield* this.read(shown, first, own, keyOf);
  }

  async close(): Promise<void> {
    this.facts.clear();
    await this.cache?.close();
    await this.data.close();
  }

  /** The epoch's own order, where it shows the same pictures. */
  private orderOf(epoch: number, kept: Int32Array): Int32Array {
    const places = new Set(kept);
    const order = this.data.placesOf!(epoch);
    return order.every((place) => places.has(place)) ? order : kept;
  }

  /** Reads the pictures, and computes what is not kept yet. */
  private async *read(
    epoch: number,
    first: number,
    places: Int32Array,
    keyOf: (place: number) => string,
  ): AsyncGenerator<TrainingBatch> {
    let number = first;
    for await (const batch of this.data.epoch(epoch, first)) {
      const begin = number++ * this.batchSize;
      // A broken picture is kept in place of the one that was asked for.
      const keys = Array.from(places.subarray(begin, begin + batch.size), keyOf);
      yield this.shown(batch, await this.completed(batch, keys));
    }
  }

  /** A batch's features: from the cache where they are there, else computed, and put there. */
  private async completed(batch: TrainingBatch, keys: readonly string[]): Promise<Float32Array> {
    const { length, memory } = this;
    const cache = this.cache!;
    const missing = keys.flatMap((key, i) => (cache.has(key) ? [] : [i]));
    const kept = keys.flatMap((key, i) => (cache.has(key) ? [i] : []));
    const found = new Float32Array(kept.length * length);
    await cache.read(
      kept.map((i) => keys[i]!),
      found,
    );
    putRows(found, kept, memory, length);
    if (missing.length === 0) return memory;
    const images = rowsOf(batch.images, missing, sizeOf(batch.shape));
    const computed = await this.computed({ ...batch, images, size: missing.length });
    putRows(computed, missing, memory, length);
    // A picture may come twice in a batch.
    const fresh = missing.filter((i) => keys.indexOf(keys[i]!) === i);
    for (const i of fresh) this.facts.set(keys[i]!, factsOf(batch, i));
    await cache.put(
      fresh.map((i) => keys[i]!),
      rowsOf(memory, fresh, length),
    );
    return memory;
  }

  private async *fromCache(places: Int32Array, first: number, keyOf: (place: number) => string): AsyncGenerator<TrainingBatch> {
    const { batchSize, length, memory, shape } = this;
    for (let begin = first * batchSize; begin < places.length; begin += batchSize) {
      const keys = Array.from(places.subarray(begin, begin + batchSize), keyOf);
      const images = memory.subarray(0, keys.length * length);
      await this.cache!.read(keys, images);
      const facts = keys.map((key) => this.facts.get(key)!);
      const labels = Int32Array.from(facts, ({ label }) => label);
      const weighted = facts.every(({ weight }) => weight !== undefined);
      const weights = weighted ? { weights: Float32Array.from(facts, ({ weight }) => weight!) } : {};
      yield { images, shape, labels, ...weights, places: Int32Array.from(facts, ({ place }) => place), size: keys.length };
    }
  }

  private shown(batch: TrainingBatch, features: Float32Array): TrainingBatch {
    return { ...batch, images: features.subarray(0, batch.size * this.length), shape: this.shape };
  }

  /** Runs the net on a batch that is filled up to the size of all others: which kernels it takes follows from that size. */
  private async computed({ images, shape, size }: TrainingBatch): Promise<Float32Array> {
    const { batchSize, net } = this;
    const full = size === batchSize ? images : new Float32Array(batchSize * sizeOf(shape));
    if (full !== images) full.set(images.subarray(0, size * sizeOf(shape)));
    const features = tidy(() => net.apply(tensor(full, [batchSize, ...shape]), { training: false }) as Tensor);
    try {
      return (await features.data()) as Float32Array;
    } finally {
      features.dispose();
    }
  }
}

/** Rows of the given numbers, one after the other. */
function rowsOf(all: Float32Array, numbers: readonly number[], length: number): Float32Array {
  const rows = new Float32Array(numbers.length * length);
  numbers.forEach((number, i) => rows.set(all.subarray(number * length, (number + 1) * length), i * length));
  return rows;
}

/** Puts rows in the places of the given numbers. */
function putRows(rows: Float32Array, numbers: readonly number[], all: Float32Array, length: number): void {
  numbers.forEach((number, i) => all.set(rows.subarray(i * length, (i + 1) * length), number * length));
}

function factsOf({ labels, weights, places }: TrainingBatch, i: number): Facts {
  return { place: places[i]!, label: labels[i]!, weight: weights?.[i] };
}

/** @throws ArgumentError where the net does not take the data's pictures, or does not give one tensor of a known size */
function featureShape(net: LayersModel, data: BatchSource): number[] {
  const [input, ...inputs] = net.inputs;
  const [output, ...outputs] = net.outputs;
  const shape = output!.shape.slice(1);
  if (inputs.length + outputs.length > 0 || (shape.length !== 1 && shape.length !== 3) || shape.includes(null)) {
    const given = [output!, ...outputs].map((each) => shapeText(each.shape)).join(' and ');
    refuse(
      'FeatureSource',
      'net',
      'a model of one input and one output, [batch, height, width, channels] or [batch, size]',
      given,
    );
  }
  const taken = input!.shape.slice(1);
  if (taken.length !== 3 || taken.some((size, i) => size !== null && size !== data.shape[i])) {
    throw new ArgumentError(
      `FeatureSource: the net takes pictures of ${shapeText(taken)}, the data have ${shapeText([...data.shape])}`,
    );
  }
  return shape as number[];
}

/** @throws ArgumentError saying why the data's features cannot be kept */
function expectKeepable(data: BatchSource, variants: number | undefined): void {
  if (!data.placesOf) {
    throw new ArgumentError(
      'FeatureSource: cache must be false for data that do not tell the order of their pictures (placesOf)',
    );
  }
  if (data.mixes) {
    throw new ArgumentError(
      'FeatureSource: cache must be false for data that mix pictures (mixup, cutMix): leave that out, or the cache',
    );
  }
  if (variants === undefined && data.varies !== false) {
    throw new ArgumentError(
      'FeatureSource: cache must be false where each epoch shows other pictures; say with augmentedEpochs how many epochs of them are kept',
    );
  }
}
