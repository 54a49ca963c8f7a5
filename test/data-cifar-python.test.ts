/** CIFAR's python version: pickles as Python 2 wrote them, byte by byte. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CIFAR10, detectFormat, parseCifarNames, parseCifarPython, readCifar10, readCifar100 } from '../src/data/node.js';

const int32 = (value: number) => String.fromCharCode(value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24);
const short = (text: string) => `U${String.fromCharCode(text.length)}${text}`;

/** Planes of `count` pictures: red 1, green 2, blue 3, plus 10 for each picture. */
const planes = (count: number) =>
  Array.from({ length: count }, (_, i) =>
    [1, 2, 3].map((colour) => String.fromCharCode(10 * i + colour).repeat(1024)).join(''),
  ).join('');

/** A batch as Python 2's cPickle writes it with protocol 2. */
function batch(labels: readonly number[], key: string, { count = labels.length, dtype = 'u1' } = {}): Buffer {
  const array =
    'cnumpy.core.multiarray\n_reconstruct\nq\x01cnumpy\nndarray\nq\x02K\x00\x85U\x01b\x87Rq\x03' +
    `(K\x01J${int32(count)}J${int32(3072)}\x86cnumpy\ndtype\nq\x04${short(dtype)}K\x00K\x01\x87Rq\x05` +
    `(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89T${int32(count * 3072)}${planes(count)}tb`;
  const list = `](${labels.map((label) => `K${String.fromCharCode(label)}`).join('')}e`;
  return Buffer.from(`\x80\x02}q\x00(${short('data')}${array}${short(key)}${list}${short('batch_label')}U\x00u.`, 'latin1');
}

const meta = (key: string, names: readonly string[]) =>
  Buffer.from(`\x80\x02}(${short(key)}](${names.map(short).join('')}eu.`, 'latin1');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cifar-python-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const put = (name: string, bytes: Uint8Array) => writeFileSync(join(folder, name), bytes);

test('CIFAR-10', () => {
  put('data_batch_1', batch([3, 9], 'labels'));
  put('data_batch_2', batch([0], 'labels'));
  put('test_batch', batch([5], 'labels'));
  const names = Array.from({ length: 10 }, (_, i) => `class ${i}`);
  put('batches.meta', meta('label_names', names));
  expect(detectFormat(folder)).toBe('cifar10');
  const { train, test } = readCifar10(folder);
  expect([...train.labels, ...test.labels]).toEqual([3, 9, 0, 5]);
  expect([...train.images.subarray(0, 6), ...train.images.subarray(3072, 3075)]).toEqual([1, 2, 3, 1, 2, 3, 11, 12, 13]);
  expect(train.classNames).toEqual(names);
});

test('CIFAR-100', () => {
  put('train', batch([99, 4], 'fine_labels'));
  put('test', batch([0], 'fine_labels'));
  expect(detectFormat(folder)).toBe('cifar100');
  const { train } = readCifar100(folder);
  expect([...train.labels]).toEqual([99, 4]);
  expect(train.classNames[99]).toBe('99');
});

test.each([
  ['a label without a class', batch([3, 10], 'labels'), /labels below 10, found 10 at place 1/],
  ['fewer labels than pictures', batch([3], 'labels', { count: 2 }), /2 numbers under 'labels', found 1/],
  ['no labels', batch([3], 'names'), /1 numbers under 'labels', found something else/],
  ['numbers of another type', batch([3], 'labels', { dtype: 'i1' }), /bytes \[count, 3072\] under 'data', found \|i1/],
  ['no dictionary', Buffer.from('I1\n.'), /a pickled dictionary/],
  ['code', Buffer.from("cos\nsystem\n(S'true'\ntR."), /pickles can run any code/],
])('names the file: %s', (_, bytes, message) => {
  const parse = () => parseCifarPython([{ name: 'data_batch_1', bytes }], CIFAR10, 'test');
  expect(parse).toThrow(/^data_batch_1/);
  expect(parse).toThrow(message);
});

test('names of classes must be as many as classes', () => {
  const file = { name: 'batches.meta', bytes: meta('label_names', ['a']) };
  expect(() => parseCifarNames(file, CIFAR10)).toThrow(/batches.meta: expected 10 class names under 'label_names', found 1/);
});
