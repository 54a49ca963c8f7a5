/** Data sets out of bytes in memory, as a browser has them, and folders of any format. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as data from '../src/data/node.js';

const bytesOf = (name: string, ...values: number[]) => ({ name, bytes: Uint8Array.from(values) });
/** Two pictures of 1 x 2. */
const images = bytesOf('images', 0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 10, 20, 30, 40);
const labels = bytesOf('labels', 0, 0, 8, 1, 0, 0, 0, 2, 9, 3);

test('parseMnist joins pictures and labels', () => {
  const clothes = data.parseMnist(images, labels, 'clothes', data.FASHION_CLASSES);
  expect([clothes.count, clothes.height, clothes.width, clothes.channels]).toEqual([2, 1, 2, 1]);
  expect([...clothes.images]).toEqual([10, 20, 30, 40]);
  expect(clothes.classNames[clothes.labels[0]!]).toBe('ankle boot');
  expect(() => data.parseMnist(images, labels, 'clothes', ['only one'])).toThrow(data.DataError);
  expect(() => data.parseMnist(images, images, 'twice')).toThrow(/^images: expected .*found/);
});

test.each([
  ['CIFAR-10', data.CIFAR10, [7], 'horse'],
  ['CIFAR-100', data.CIFAR100, [1, 7], '7'],
])('parseCifar interleaves the planes of %s', (_name, variant, head, className) => {
  const record = bytesOf('batch', ...head, ...Array.from({ length: 3 * 1024 }, (_, i) => Math.floor(i / 1024) * 100 + (i % 2)));
  const { count, images, labels, classNames } = data.parseCifar([record, record], variant, 'test');
  expect([count, ...labels]).toEqual([2, 7, 7]);
  expect([...images.subarray(0, 6)]).toEqual([0, 100, 200, 1, 101, 201]);
  expect(classNames[7]).toBe(className);
  expect(classNames.length).toBe(variant.classes);
  expect(() => data.parseCifar([bytesOf('short', 1, 2, 3)], variant, 'test')).toThrow(/^short: expected .*found 3 bytes/);
});

test("CIFAR-10's classes stand in the order of their labels", () => {
  expect(data.CIFAR10_CLASSES.length).toBe(10);
  expect(data.CIFAR10_CLASSES[3]).toBe('cat');
});

test('selectFromDataset copies the pictures asked for, in that order', () => {
  const all = data.parseMnist(images, labels, 'test');
  const some = data.selectFromDataset(all, Int32Array.of(1, 1, 0));
  expect(some.count).toBe(3);
  expect([...some.images]).toEqual([30, 40, 30, 40, 10, 20]);
  expect([...some.labels]).toEqual([3, 3, 9]);
  some.images.fill(0);
  expect(all.images[0]).toBe(10);
});

test.each([1, 3])('normalizer scales %d channels to mean 0 and deviation 1', (channels) => {
  const mean = [0.5, 0.25, 0].slice(0, channels);
  const std = [0.5, 1, 2].slice(0, channels);
  const bytes = Uint8Array.from({ length: 4 * channels }, (_, i) => 20 * i);
  const out = new Float32Array(bytes.length + 1).fill(9);
  data.normalizer({ mean, std })(bytes, out, 1);
  expect(out[0]).toBe(9);
  bytes.forEach((byte, i) => {
    expect(out[i + 1]).toBe(Math.fround((byte / 255 - mean[i % channels]!) / std[i % channels]!));
  });
});

describe('folders', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'data-parse-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('loadDataset tells the format by the names in a folder', async () => {
    const size = { height: 2, width: 2, channels: 1 } as const;
    expect(data.detectFormat(folder)).toBeUndefined();
    await expect(data.loadDataset(folder, 'auto', size)).rejects.toThrow(data.DataError);
    await expect(data.loadDataset(join(folder, 'none'), 'auto', size)).rejects.toThrow('expected a folder');
    for (const part of ['train', 't10k']) {
      writeFileSync(join(folder, `${part}-images-idx3-ubyte`), images.bytes);
      writeFileSync(join(folder, `${part}-labels-idx1-ubyte`), labels.bytes);
    }
    const format = data.detectFormat(folder);
    expect(format).toBe('mnist');
    expect(data.DATA_FORMATS).toContain(format);
    const { train, test } = await data.loadDataset(folder, 'auto', size);
    expect([train.count, test.count]).toEqual([2, 2]);
  });

  test('a file is replaced whole, and several of them all or none', async () => {
    await data.writeFileAtomically(join(folder, 'a'), 'old');
    await data.writeFileAtomically(join(folder, 'a'), Uint8Array.of(110, 101, 119));
    expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('new');
    await data.replaceFiles(folder, [
      ['a', 'newer'],
      ['b', 'beside'],
    ]);
    expect(readFileSync(join(folder, 'a'), 'utf8') + readFileSync(join(folder, 'b'), 'utf8')).toBe('newerbeside');
    await expect(data.replaceFiles(join(folder, 'absent'), [['a', '']])).rejects.toThrow('ENOENT');
    expect(readdirSync(folder).sort()).toEqual(['a', 'b']);
    expect(existsSync(join(folder, 'absent'))).toBe(false);
  });

  test('a download that no mirror gives names each with its reason', async () => {
    const mirrors = ['http://127.0.0.1:9/first/', 'http://127.0.0.1:9/second/'];
    const error = await data.downloadFiles(data.MNIST_FILES, mirrors, folder).catch((reason: Error) => reason);
    expect(error).toBeInstanceOf(data.DownloadError);
    for (const mirror of mirrors) expect((error as Error).message).toContain(mirror);
  });
});

test("MNIST's mirrors are folders reached over TLS", () => {
  for (const mirror of data.MNIST_MIRRORS) expect(mirror).toMatch(/^https:.*\/$/);
});
