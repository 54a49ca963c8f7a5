/** Features of a frozen part: kept or computed anew, in memory or on the disk, they are the same bits. */
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { CenterCrop, mixup, RandomCrop, RandomHorizontalFlip } from '../src/augment/index.js';
import type { BatchSource } from '../src/data/batch-source.js';
import { balancedSampler, DataLoader, type DataLoaderOptions, type ImageDataset } from '../src/data/index.js';
import {
  AdamW,
  cifarResNet20,
  FeatureSource,
  type FeatureSourceOptions,
  freezeUntil,
  splitFrozen,
  Trainer,
} from '../src/index.js';
import { generator } from './random.js';

/** Pictures of 32 x 32 in 3 classes: noise, brighter in another third of the picture for each class. */
function pictures(count: number): ImageDataset {
  const random = generator(3);
  const labels = Int32Array.from({ length: count }, (_, i) => i % 3);
  const images = Uint8Array.from({ length: count * 3072 }, (_, i) => {
    const third = Math.floor(((i % 3072) / 3072) * 3);
    return 160 * random() + (third === labels[Math.floor(i / 3072)] ? 80 : 0);
  });
  const names = { classNames: ['top', 'middle', 'bottom'], sourceDescription: 'noise' };
  return { images, labels, count, height: 32, width: 32, channels: 3, ...names };
}

const data = pictures(22);
const loader = (options: Partial<DataLoaderOptions> = {}) =>
  new DataLoader(data, { batchSize: 8, shuffle: true, seed: 4, ...options });

let model: LayersModel;
let prefix: LayersModel;
let rest: LayersModel;
beforeAll(async () => {
  await tf.setBackend('wasm-cnn');
  model = cifarResNet20({ classes: 3, seed: 1 });
  freezeUntil(model, 'layer3');
  ({ prefix, rest } = splitFrozen(model)!);
});

const source = (of: BatchSource, options?: FeatureSourceOptions) => new FeatureSource(of, prefix, options);

/** A batch with each picture's values as a text: arrays of so many numbers take long to compare. */
interface Shown {
  readonly rows: readonly string[];
  readonly labels: readonly number[];
  readonly places: readonly number[];
  readonly weights: readonly number[] | undefined;
}

async function batchesOf(of: BatchSource, epoch: number, first?: number): Promise<Shown[]> {
  const found: Shown[] = [];
  const length = of.shape.reduce((a, b) => a * b);
  for await (const { images, labels, places, weights, size } of of.epoch(epoch, first)) {
    const rows = Array.from({ length: size }, (_, i) => hashOf(images.subarray(i * length, (i + 1) * length)));
    found.push({ rows, labels: [...labels], places: [...places], weights: weights && [...weights] });
  }
  return found;
}

function hashOf({ buffer, byteOffset, byteLength }: Float32Array): string {
  return createHash('sha1')
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest('hex');
}

/** Each picture's values, by its place. */
const byPlace = (batches: readonly Shown[]): ReadonlyMap<number, string> =>
  new Map(batches.flatMap(({ places, rows }) => places.map((place, i) => [place, rows[i]!] as const)));

/** How often the frozen part runs while something is done. */
async function runsDuring(work: () => Promise<unknown>): Promise<number> {
  const spy = jest.spyOn(prefix, 'apply');
  await work();
  const { length } = spy.mock.calls;
  spy.mockRestore();
  return length;
}

describe('FeatureSource', () => {
  it('gives what the frozen part makes of each picture, whatever its neighbours are, to the bit', async () => {
    const features = source(loader());
    const alone = new DataLoader(data, { batchSize: 8 });
    const expected = byPlace(await batchesOf(source(alone, { cache: false }), 0));
    expect(features.shape).toEqual([16, 16, 32]);
    for (const epoch of [0, 1, 5]) {
      const shown = await batchesOf(features, epoch);
      expect(byPlace(shown)).toEqual(new Map([...byPlace(shown).keys()].map((place) => [place, expected.get(place)])));
      for (const { places, labels } of shown) expect(labels).toEqual(places.map((place) => data.labels[place]));
    }
    await features.close();
  });

  it.each<[string, Partial<DataLoaderOptions>]>([
    ['shuffled pictures', {}],
    ['pictures that are all cut alike', { transforms: [new CenterCrop({ size: 32 })] }],
    ['weighed classes', { classWeights: [1, 2, 3] }],
    ['a last batch that is left out', { dropLast: true }],
    [
      'a sampler that shows some pictures twice and others never',
      { sampler: balancedSampler(data.labels, { seed: 1, count: 30 }) },
    ],
    ['workers', { workers: 1 }],
  ])('keeps features of %s: the batches are those without a cache', async (_, options) => {
    const [cached, uncached] = [source(loader(options)), source(loader(options), { cache: false })];
    for (const epoch of [0, 1, 2, 7]) expect(await batchesOf(cached, epoch)).toEqual(await batchesOf(uncached, epoch));
    expect(await batchesOf(cached, 3, 1)).toEqual((await batchesOf(uncached, 3)).slice(1));
    expect(cached.kept.memory).toBeGreaterThan(0);
    await cached.close();
    await uncached.close();
    expect(cached.kept).toEqual({ memory: 0, disk: 0 });
  });

  it('runs the frozen part once for each picture', async () => {
    const features = source(loader());
    expect(await runsDuring(() => batchesOf(features, 0))).toBe(3);
    expect(await runsDuring(() => batchesOf(features, 1))).toBe(0);
    expect(features.kept).toEqual({ memory: 22 * 8192 * 4, disk: 0 });
    await features.close();
    expect(await runsDuring(() => batchesOf(features, 1))).toBe(3);
    // Of an epoch that was begun in its middle the rest is computed in the next.
    await features.close();
    expect(await runsDuring(() => batchesOf(features, 0, 2))).toBe(1);
    const uncached = source(loader(), { cache: false });
    expect(await batchesOf(features, 1)).toEqual(await batchesOf(uncached, 1));
    expect(await runsDuring(() => batchesOf(features, 2))).toBe(0);
    await features.close();
  });

  it.each([0, 5, 21.5])('keeps what is over the budget of %d rows on the disk, and removes it', async (rows) => {
    const left = () => readdirSync(tmpdir()).filter((name) => name.startsWith('tfjs-cnn-features-'));
    const before = left();
    const features = source(loader(), { cacheBytes: rows * 8192 * 4 });
    const uncached = source(loader(), { cache: false });
    for (const epoch of [0, 1, 2]) expect(await batchesOf(features, epoch)).toEqual(await batchesOf(uncached, epoch));
    const inMemory = Math.floor(rows);
    expect(features.kept).toEqual({ memory: inMemory * 8192 * 4, disk: (22 - inMemory) * 8192 * 4 });
    expect(await runsDuring(() => batchesOf(features, 3))).toBe(0);
    // Even now the file has no name any more that somebody would have to remove.
    if (process.platform !== 'win32') expect(left()).toEqual(before);
    await features.close();
    expect(left()).toEqual(before);
  });

  describe('with random changes', () => {
    const changing = { transforms: [new RandomHorizontalFlip(), new RandomCrop({ size: 32, padding: 4 })] };

    it('keeps nothing by itself', async () => {
      const features = source(loader(changing));
      const [first, second] = [await batchesOf(features, 0), await batchesOf(features, 1)];
      expect(features.kept).toEqual({ memory: 0, disk: 0 });
      expect(await runsDuring(() => batchesOf(features, 0))).toBe(3);
      for (const [place, row] of byPlace(first)) expect(row).not.toBe(byPlace(second).get(place));
    });

    it('keeps the changes of some epochs, and shows them in an order of their own', async () => {
      const features = source(loader(changing), { augmentedEpochs: 2 });
      const uncached = source(loader(changing), { cache: false });
      const plain = [await batchesOf(uncached, 0), await batchesOf(uncached, 1)];
      expect(await batchesOf(features, 0)).toEqual(plain[0]);
      expect(await batchesOf(features, 1)).toEqual(plain[1]);
      const third = await batchesOf(features, 2);
      expect(third.flatMap(({ places }) => places)).toEqual([...loader(changing).placesOf(2)]);
      for (const [place, row] of byPlace(third)) expect(row).toBe(byPlace(plain[0]!).get(place));
      expect(await runsDuring(() => batchesOf(features, 3))).toBe(0);
      // Begun there, as a training that goes on does, it is the same.
      const begun = source(loader(changing), { augmentedEpochs: 2 });
      expect(await batchesOf(begun, 2, 1)).toEqual(third.slice(1));
      await features.close();
      await begun.close();
    });
  });

  it.each<[string, Partial<DataLoaderOptions>, FeatureSourceOptions, RegExp]>([
    ['changes at random', { transforms: [new RandomHorizontalFlip()] }, { cache: true }, /say with augmentedEpochs how many/],
    ['mixed pictures', { batchTransform: mixup() }, { augmentedEpochs: 2, cache: true }, /data that mix pictures/],
    ['no epochs', {}, { augmentedEpochs: 0 }, /augmentedEpochs must be a positive integer, got 0/],
    ['a budget below 0', {}, { cacheBytes: -1 }, /cacheBytes must be a finite number, 0 or more/],
    ['an option that there is not', {}, { memory: 3 } as FeatureSourceOptions, /there is no option 'memory'/],
    [
      'pictures of another size',
      { transforms: [new CenterCrop({ size: 28 })] },
      {},
      /takes pictures of \[32, 32, 3\], the data have \[28, 28, 3\]/,
    ],
  ])('refuses %s', (_, options, featureOptions, message) => {
    expect(() => source(loader(options), featureOptions)).toThrow(message);
  });

  it('refuses a net of several outputs, and a cache of data that do not tell their order', () => {
    const { placesOf: _, ...hidden } = { ...loader(), placesOf: undefined };
    expect(() => new FeatureSource(loader(), rest)).toThrow(/takes pictures of \[16, 16, 32\]/);
    expect(() => source({ ...hidden, shape: [32, 32, 3] } as unknown as BatchSource, { cache: true })).toThrow(/placesOf/);
  });
});

describe('training on features', () => {
  async function losses(options: FeatureSourceOptions): Promise<{ losses: readonly number[]; weights: string[] }> {
    const net = cifarResNet20({ classes: 3, seed: 2 });
    freezeUntil(net, 'layer3');
    const split = splitFrozen(net)!;
    const optimizer = new AdamW({ learningRate: 1e-3 });
    const trainer = new Trainer(split.rest, { optimizer });
    const features = new FeatureSource(loader(), split.prefix, options);
    const test = new FeatureSource(new DataLoader(data, { batchSize: 8 }), split.prefix, options);
    const result = await trainer.fit(features, { epochs: 4, test });
    const weights = net.weights.map((weight) => hashOf(weight.read().dataSync<'float32'>()));
    await features.close();
    await test.close();
    trainer.dispose();
    optimizer.dispose();
    split.dispose();
    net.dispose();
    return { losses: [...result.losses, ...result.epochs.map((epoch) => epoch.test!.loss)], weights };
  }

  it('ends with the same losses and weights with a cache, without one, and with one on the disk, to the bit', async () => {
    const without = await losses({ cache: false });
    expect(without.losses).toHaveLength(16);
    expect(await losses({ cache: true })).toEqual(without);
    expect(await losses({ cache: true, cacheBytes: 4 * 8192 * 7 })).toEqual(without);
  });
});
