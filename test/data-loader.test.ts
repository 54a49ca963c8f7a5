/** Batches for training: what comes follows from seed, epoch and place alone. */
import { RandomCrop, RandomHorizontalFlip } from '../src/augment/index.js';
import { DataLoader, type DataLoaderOptions, normalizationOf } from '../src/data/index.js';
import { mixSeeds, randomPermutation, seededRandom } from '../src/random.js';
import { asBytes, type CopiedBatch, epochOf, numbered } from './data-parts.js';

const dataset = numbered(23);

const loaderOf = (options: Partial<DataLoaderOptions> = {}) =>
  new DataLoader(dataset, { batchSize: 5, normalization: asBytes(2), ...options });

describe('DataLoader', () => {
  it('tells sizes and names before anything is read', () => {
    const loader = loaderOf({ transforms: [new RandomCrop({ size: 2 })] });
    expect([loader.count, loader.batchSize, loader.batchesPerEpoch, ...loader.shape]).toEqual([23, 5, 5, 2, 2, 2]);
    expect(loader.classNames).toEqual(['a', 'b', 'c']);
    const whole = loaderOf({ dropLast: true });
    expect([whole.count, whole.batchesPerEpoch]).toEqual([20, 4]);
  });

  it('shows every picture once an epoch, with its label and its bytes', async () => {
    const batches = await epochOf(loaderOf({ shuffle: true, seed: 3 }), 2);
    expect(batches.map(({ size }) => size)).toEqual([5, 5, 5, 5, 3]);
    const places = batches.flatMap((batch) => batch.places);
    expect(places).toEqual([...randomPermutation(23, mixSeeds(3, 2))]);
    const shown = batches.flatMap(({ images }) => images.map(Math.round));
    expect(shown).toEqual(places.flatMap((place) => [...dataset.images.subarray(place * 24, place * 24 + 24)]));
    expect(batches.flatMap(({ labels }) => labels)).toEqual(places.map((place) => place % 3));
  });

  it('keeps the order of the dataset unless it shuffles, and drops a smaller last batch where asked', async () => {
    const places = async (dropLast: boolean) => (await epochOf(loaderOf({ dropLast }), 1)).flatMap((batch) => batch.places);
    expect(await places(false)).toEqual([...dataset.labels.keys()]);
    expect(await places(true)).toEqual([...dataset.labels.keys()].slice(0, 20));
  });

  it('begins at any batch, in any epoch, with what would have come there', async () => {
    const options = { shuffle: true, transforms: [new RandomCrop({ size: [3, 4], padding: 1 }), new RandomHorizontalFlip()] };
    const all = await epochOf(loaderOf(options), 4);
    const used = loaderOf(options);
    await epochOf(used, 0);
    for (const first of [0, 3, 4, 5]) expect(await epochOf(used, 4, first)).toEqual(all.slice(first));
    expect(await epochOf(loaderOf(options), 5)).not.toEqual(all);
    expect(await epochOf(loaderOf({ ...options, seed: 2 }), 4)).not.toEqual(all);
  });

  it("draws each picture's changes from seed, epoch and place", async () => {
    const flip = new RandomHorizontalFlip();
    const [{ images, places }] = (await epochOf(loaderOf({ shuffle: true, seed: 9, transforms: [flip] }), 6)) as [CopiedBatch];
    const size = { height: 3, width: 4, channels: 2 };
    const expected = places.flatMap((place) => {
      const pixels = dataset.images.slice(place * 24, place * 24 + 24);
      const operation = flip.draw(seededRandom(mixSeeds(9, 6, place)), size);
      return [...operation.onPicture({ pixels, ...size }).pixels];
    });
    expect(images.map(Math.round)).toEqual(expected);
  });

  it('normalises by the dataset itself unless told otherwise', async () => {
    const own = await epochOf(new DataLoader(dataset, { batchSize: 4 }), 0);
    expect(own).toEqual(await epochOf(new DataLoader(dataset, { batchSize: 4, normalization: normalizationOf(dataset) }), 0));
  });

  it('refuses options that make no sense', () => {
    expect(() => loaderOf({ batchSize: 0 })).toThrow(/DataLoader: batchSize must be a positive integer, got 0/);
    expect(() => loaderOf({ shuffle: 'yes' as never })).toThrow(/shuffle must be true or false/);
    expect(() => loaderOf({ normalization: { mean: [0], std: [1] } })).toThrow(/for 1 channels, the pictures have 2/);
  });

  it('counts the time that readers wait', async () => {
    const loader = loaderOf();
    expect(loader.waitedMs).toBe(0);
    await epochOf(loader, 0);
    expect(loader.waitedMs).toBeGreaterThan(0);
  });
});
