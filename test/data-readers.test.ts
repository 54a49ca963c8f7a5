import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { cifarVariantOf, readCifar10, readCifar100 } from '../src/data/read-cifar-node.js';
import { hasMnist, readMnist } from '../src/data/read-mnist-node.js';
import { sharedPath, testIf } from './requires.js';

function idx(dimensions: number[], values: number[], type = 8): Buffer {
  const header = Buffer.alloc(4 + 4 * dimensions.length);
  header[2] = type;
  header[3] = dimensions.length;
  dimensions.forEach((size, i) => void header.writeUInt32BE(size, 4 + 4 * i));
  return Buffer.concat([header, Buffer.from(values)]);
}

const range = (n: number) => Array.from({ length: n }, (_, i) => i % 251);

describe('MNIST', () => {
  let folder: string;
  const put = (name: string, bytes: Uint8Array) => writeFileSync(join(folder, name), bytes);
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mnist-'));
    put('train-images-idx3-ubyte', idx([3, 2, 4], range(24)));
    put('train-labels-idx1-ubyte', idx([3], [7, 0, 9]));
    put('t10k-images.idx3-ubyte', idx([1, 2, 4], range(8)));
    put('t10k-labels-idx1-ubyte.gz', gzipSync(idx([1], [4])));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('reads plain and gzipped files in their spellings', () => {
    expect(hasMnist(folder)).toBe(true);
    const { train, test } = readMnist(folder);
    expect([train.count, train.height, train.width, train.channels]).toEqual([3, 2, 4, 1]);
    expect([...train.labels]).toEqual([7, 0, 9]);
    expect([...train.images]).toEqual(range(24));
    expect([...test.labels]).toEqual([4]);
  });

  const bad: [string, string, () => Buffer, RegExp][] = [
    ['a wrong magic number', 'train-images-idx3-ubyte', () => idx([3, 2, 4], range(24), 13), /0x00000803, found 0x00000d03/],
    ['labels in place of pictures', 'train-images-idx3-ubyte', () => idx([24], range(24)), /0x00000803, found 0x00000801/],
    ['a header that is cut off', 'train-images-idx3-ubyte', () => idx([3, 2, 4], []).subarray(0, 9), /16 bytes, found 9 bytes/],
    ['an empty file', 'train-images-idx3-ubyte', () => Buffer.alloc(0), /16 bytes, found 0 bytes/],
    ['cut off values', 'train-images-idx3-ubyte', () => idx([3, 2, 4], range(23)), /40 bytes.*39 bytes/],
    ['values beyond the end', 'train-images-idx3-ubyte', () => idx([3, 2, 4], range(25)), /expected 40 bytes.*found 41/],
    ['a gigantic header', 'train-images-idx3-ubyte', () => idx([0xffffffff, 28, 28], range(24)), /found a file of 40 bytes/],
    [
      'sizes beyond 2^53',
      'train-images-idx3-ubyte',
      () => idx([0xffffffff, 0xffffffff, 0xffffffff], []),
      /found a file of 16 bytes/,
    ],
    [
      'a gigantic gzipped header',
      'train-images-idx3-ubyte',
      () => gzipSync(idx([60000, 28, 28], [])),
      /it is cut off or damaged/,
    ],
    [
      'a cut off gzip stream',
      'train-images-idx3-ubyte',
      () => gzipSync(idx([3, 2, 4], range(24))).subarray(0, 40),
      /damaged stream/,
    ],
    [
      'a gzip stream that never ends',
      'train-images-idx3-ubyte',
      () => gzipSync(Buffer.concat([idx([3, 2, 4], range(24)), Buffer.alloc(1e7)])),
      /more than that/,
    ],
    ['fewer labels than pictures', 'train-labels-idx1-ubyte', () => idx([2], [1, 2]), /expected 3 labels.*found 2/],
    ['a label without a class', 'train-labels-idx1-ubyte', () => idx([3], [1, 2, 10]), /below 10, found 10 at place 2/],
    ['no picture at all', 'train-images-idx3-ubyte', () => idx([0, 28, 28], []), /labels|at least one picture/],
  ];
  it.each(bad)('names the file, what was expected and what was found: %s', (_, name, bytes, message) => {
    put(name, bytes());
    expect(() => readMnist(folder)).toThrow(message);
    expect(() => readMnist(folder)).toThrow(name.slice(0, 5));
  });

  it('names the file that is absent', () => {
    rmSync(join(folder, 't10k-images.idx3-ubyte'));
    expect(hasMnist(folder)).toBe(false);
    expect(() => readMnist(folder)).toThrow(/t10k-images/);
  });

  testIf('mnist', 'reads the real set', () => {
    const { train, test } = readMnist(sharedPath('mnist'));
    expect([train.count, test.count, train.height]).toEqual([60000, 10000, 28]);
    expect([...train.labels.subarray(0, 5)]).toEqual([5, 0, 4, 1, 9]);
    expect([...test.labels.subarray(0, 5)]).toEqual([7, 2, 1, 0, 4]);
  });

  testIf('shared data', 'names the classes of Fashion-MNIST', () => {
    const { train } = readMnist(sharedPath('fashion-mnist'));
    expect(train.classNames[train.labels[0]]).toBe('ankle boot');
  });
});

describe('CIFAR', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cifar-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A record whose planes are filled with one red, green and blue. */
  const record = (labels: number[], red: number, green: number, blue: number) =>
    Buffer.concat([Buffer.from(labels), Buffer.alloc(1024, red), Buffer.alloc(1024, green), Buffer.alloc(1024, blue)]);

  it('joins batches and interleaves planes', () => {
    writeFileSync(join(folder, 'data_batch_1.bin'), record([3], 1, 2, 3));
    writeFileSync(join(folder, 'data_batch_2.bin.gz'), gzipSync(record([9], 4, 5, 6)));
    writeFileSync(join(folder, 'test_batch.bin'), record([0], 7, 8, 9));
    expect(cifarVariantOf(folder)).toBe('cifar10');
    const { train, test } = readCifar10(folder);
    expect([...train.labels]).toEqual([3, 9]);
    expect([...train.images.subarray(0, 6), ...train.images.subarray(3072, 3075)]).toEqual([1, 2, 3, 1, 2, 3, 4, 5, 6]);
    expect(train.classNames[3]).toBe('cat');
    expect(test.count).toBe(1);
  });

  it('takes the fine label of CIFAR-100, and its names', () => {
    writeFileSync(join(folder, 'train.bin'), record([4, 99], 1, 2, 3));
    writeFileSync(join(folder, 'test.bin'), record([4, 0], 1, 2, 3));
    writeFileSync(
      join(folder, 'fine_label_names.txt'),
      `${range(100)
        .map((i) => `name${i}`)
        .join('\n')}\n`,
    );
    expect(cifarVariantOf(folder)).toBe('cifar100');
    const { train } = readCifar100(folder);
    expect(train.classNames[train.labels[0]]).toBe('name99');
  });

  it('refuses what is no whole record, and labels without a class', () => {
    writeFileSync(join(folder, 'test_batch.bin'), record([0], 7, 8, 9));
    writeFileSync(join(folder, 'data_batch_1.bin'), record([3], 1, 2, 3).subarray(1));
    expect(() => readCifar10(folder)).toThrow(
      /data_batch_1.bin: expected a whole number of records of 3073 bytes, found 3072 bytes/,
    );
    writeFileSync(join(folder, 'data_batch_1.bin'), record([10], 1, 2, 3));
    expect(() => readCifar10(folder)).toThrow(/labels below 10, found 10 in record 0/);
    mkdirSync(join(folder, 'empty'));
    expect(() => readCifar10(join(folder, 'empty'))).toThrow(/CIFAR batches/);
  });

  testIf('shared data', 'reads real batches', () => {
    const { train, test } = readCifar10(sharedPath('cifar10'));
    expect([train.count, test.count]).toEqual([4000, 500]);
    expect(train.classNames[train.labels[0]]).toBe('frog');
    expect([...train.images.subarray(0, 3)]).toEqual([59, 62, 63]);
  });
});
