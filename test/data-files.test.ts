/** Pictures in files, decoded when they are needed. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode as encodePng } from 'fast-png';
import { CenterCrop, RandomCrop } from '../src/augment/index.js';
import {
  DataError,
  normalizationOf,
  normalizationOfPictures,
  openImageFolder,
  type PictureFiles,
  pictureFiles,
  readImageFolder,
} from '../src/data/node.js';
import { epochOf, loaders } from './data-parts.js';
import { sharedPath, testIf } from './requires.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pictures-'));
});
afterEach(async () => {
  await loaders.closeAll();
  rmSync(folder, { recursive: true });
});

function putPicture(path: string, grey: number, height = 4, width = 4): void {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  const data = Uint8Array.from({ length: height * width * 3 }, (_, i) => (grey + 5 * i) % 256);
  writeFileSync(join(folder, path), encodePng({ data, height, width, channels: 3 }));
}

/** Ten cats and ten dogs; of the cats the fifth and sixth are no pictures, of the dogs the last is none. */
function putPets(): void {
  for (let i = 0; i < 10; i++) {
    putPicture(`cats/${i}.png`, 10 * i);
    putPicture(`dogs/${i}.png`, 10 * i + 5);
  }
  for (const broken of ['cats/4.png', 'cats/5.png', 'dogs/9.png']) writeFileSync(join(folder, broken), 'no picture');
}

/** All pets, in one part. */
function pets(options?: Parameters<typeof pictureFiles>[1]): PictureFiles {
  putPets();
  const names = ['cats', 'dogs'].flatMap((name) => Array.from({ length: 10 }, (_, i) => join(folder, name, `${i}.png`)));
  const labels = Int32Array.from(names, (_, i) => Number(i >= 10));
  return pictureFiles({ paths: names, labels, classNames: ['cats', 'dogs'], sourceDescription: 'pets' }, options);
}

const options = { batchSize: 6, shuffle: true, seed: 2, transforms: [new RandomCrop({ size: 3 })] };

it.each([0, 1, 3])(
  'with %i workers: broken pictures are replaced and named, the rest is the same to the bit',
  async (workers) => {
    const files = pets({ height: 4, width: 4 });
    const expected = await epochOf(loaders.open(files, options), 1);
    // A cache that holds nothing, a little, all: what comes does not depend on it.
    for (const cacheBytes of [0, 200, 2 ** 20]) {
      const loader = loaders.open(pets({ height: 4, width: 4, cacheBytes }), { ...options, workers });
      expect(await epochOf(loader, 0)).toHaveLength(4);
      expect(await epochOf(loader, 1)).toEqual(expected);
      expect(await epochOf(loader, 1, 2)).toEqual(expected.slice(2));
      expect(loader.broken.map(({ place }) => place)).toEqual([4, 5, 19]);
      expect(loader.broken[0]!.message).toMatch(/4\.png: expected a JPEG or PNG picture, found 10 bytes/);
    }
    const places = expected.flatMap((batch) => batch.places).sort((a, b) => a - b);
    // 4 and 5 by 6, and 19 by the first of the dogs.
    expect(places).toEqual([0, 1, 2, 3, 6, 6, 6, 7, 8, 9, 10, 10, 11, 12, 13, 14, 15, 16, 17, 18]);
  },
);

it.each([0, 1])('broken pictures are errors where asked, with %i workers', async (workers) => {
  const loader = loaders.open(pets({ height: 4, width: 4, undecodable: 'fail' }), { ...options, workers });
  await expect(epochOf(loader, 0)).rejects.toThrow(/(cats\/[45]|dogs\/9)\.png: expected a JPEG or PNG picture/);
  await expect(epochOf(loader, 0)).rejects.toThrow(DataError);
});

it('a class without any picture that decodes is an error', async () => {
  for (const name of ['a', 'b']) for (const i of [0, 1]) putPicture(`${name}/${i}.png`, i);
  for (const i of [0, 1]) writeFileSync(join(folder, `b/${i}.png`), '');
  const { train } = openImageFolder(folder, { height: 4, width: 4 });
  await expect(epochOf(loaders.open(train, { batchSize: 4 }), 0)).rejects.toThrow(/found that all of them are broken/);
});

it('a picture that vanished is a broken one', async () => {
  const files = pets({ height: 4, width: 4 });
  rmSync(files.paths[0]!);
  const loader = loaders.open(files, { batchSize: 20 });
  await epochOf(loader, 0);
  expect(loader.broken[0]!.message).toMatch(/0\.png: expected a readable file, found ENOENT/);
});

it('pictures of several sizes need a transform that makes them alike', async () => {
  putPicture('wide.png', 1, 4, 9);
  putPicture('high.png', 2, 7, 5);
  const list = { paths: ['wide.png', 'high.png'].map((name) => join(folder, name)), labels: Int32Array.of(0, 1) };
  const files = pictureFiles({ ...list, classNames: ['wide', 'high'], sourceDescription: 'two' }, { channels: 1 });
  expect(() => loaders.open(files, { batchSize: 2 })).toThrow(/several sizes; give them one/);
  const loader = loaders.open(files, { batchSize: 2, transforms: [new CenterCrop({ size: 4 })], workers: 1 });
  expect(loader.shape).toEqual([4, 4, 1]);
  const [batch] = await epochOf(loader, 0);
  expect(batch!.images).toHaveLength(32);
  const large = loaders.open(files, { batchSize: 2, transforms: [new CenterCrop({ size: 6 })] });
  await expect(epochOf(large, 0)).rejects.toThrow(/wide\.png: expected a picture that all transforms take \(it has 4 x 9 x 1\)/);
  expect(() => pictureFiles({ ...list, classNames: [], sourceDescription: '' }, { height: 3 })).toThrow(/given together/);
});

it('mean and deviation are those of the pictures in memory', async () => {
  for (const name of ['a', 'b']) for (let i = 0; i < 5; i++) putPicture(`${name}/${i}.png`, 20 * i);
  const inMemory = await readImageFolder(folder, { height: 4, width: 4, channels: 3 });
  const inFiles = openImageFolder(folder, { height: 4, width: 4 });
  expect(inFiles.train.labels).toEqual(inMemory.train.labels);
  expect(inFiles.test.count).toBe(2);
  expect(await normalizationOfPictures(inFiles.train)).toEqual(normalizationOf(inMemory.train));
  expect(() => loaders.open(inFiles.train, { batchSize: 2, normalization: undefined })).toThrow(/normalizationOfPictures/);
});

it('a validation part beside the test part is a part of its own', async () => {
  for (const part of ['train', 'val', 'test']) for (const name of ['a', 'b']) putPicture(`${part}/${name}/1.png`, 7);
  const { train, validation, test } = openImageFolder(folder);
  expect([train, validation!, test].map(({ sourceDescription }) => sourceDescription)).toEqual(
    ['train', 'val', 'test'].map((part) => join(folder, part)),
  );
  const loaded = await readImageFolder(folder, { height: 4, width: 4, channels: 1 });
  expect(loaded.validation!.count).toBe(2);
});

testIf('shared data', 'real photographs, one of them damaged, are the same with workers', async () => {
  for (const name of ['ants', 'bees']) cpSync(sharedPath('hymenoptera/val', name), join(folder, name), { recursive: true });
  const { test } = openImageFolder(folder, { height: 64, width: 64 });
  writeFileSync(test.paths[3]!, 'no picture');
  const photos = { batchSize: 10, transforms: [new RandomCrop({ size: 48 })] };
  const alone = loaders.open(test, photos);
  const team = loaders.open(test.select(Int32Array.from(test.labels.keys())), { ...photos, workers: 2 });
  expect(await epochOf(team, 0)).toEqual(await epochOf(alone, 0));
  expect(team.broken).toEqual(alone.broken);
  expect(team.broken).toHaveLength(1);
});
