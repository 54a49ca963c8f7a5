/** Files that somebody made to do harm: nothing is run, memory is bounded, and the message says what is wrong. */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { zipOf } from '../src/weights/formats/zip/write-zip.js';
import { readWeights, writeWeights } from '../src/weights/index.js';

/** What a pickle would make, if it were run. */
const TOUCHED = join(tmpdir(), `tfjs-cnn-${process.pid}`);

const latin = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const joined = (pieces: readonly Uint8Array[]) => Uint8Array.from(Buffer.concat(pieces));
const archive = (entries: Record<string, Uint8Array>) =>
  joined(zipOf(Object.entries(entries).map(([name, piece]) => ({ name, pieces: [piece] }))));
/** A checkpoint around a pickle by hand, one character a byte. */
const checkpoint = (pickle: string, storages: Record<string, Uint8Array> = {}) =>
  archive({
    'a/data.pkl': latin(`\x80\x02${pickle}.`),
    'a/version': latin('3\n'),
    ...Object.fromEntries(Object.entries(storages).map(([key, bytes]) => [`a/data/${key}`, bytes])),
  });
/** A legacy checkpoint around a pickle by hand. */
const legacy = (pickle: string) =>
  latin(`\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}.\x80\x02${pickle}.\x80\x02].`);
const text = (value: string) => `X${String.fromCharCode(value.length)}\0\0\0${value}`;
/** A tensor of float32: storage '0' of `count` numbers. */
const tensor = (shape: string, strides: string, count = 'K\x04', offset = 'K\0') =>
  `ctorch._utils\n_rebuild_tensor_v2\n((${text('storage')}ctorch\nFloatStorage\n${text('0')}${text('cpu')}${count}tQ${offset}${shape}${strides}\x89)tR`;
const dict = (...pairs: readonly [string, string][]) => `}(${pairs.map(([key, value]) => text(key) + value).join('')}u`;

const four = { 0: new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer) };
const good = tensor('(K\x02K\x02t', '(K\x02K\x01t');

test('what is made by hand here is read', async () => {
  const { arrays } = await readWeights(checkpoint(dict(['w', good]), four));
  expect(arrays['w']).toEqual({ shape: [2, 2], dtype: 'float32', data: Float32Array.of(1, 2, 3, 4) });
});

describe('pickles that call', () => {
  const calls: [string, string][] = [
    ['os.system', `cos\nsystem\n(${text(`touch ${TOUCHED}`)}tR`],
    ['posix.system', `cposix\nsystem\n(${text('true')}tR`],
    ['eval', `c__builtin__\neval\n(${text('1')}tR`],
    ['getattr', `c__builtin__\ngetattr\n(ctorch\nTensor\n${text('constructor')}tR`],
    ['a constructor of JavaScript', 'cObject\nconstructor\n)R'],
    ['a class, then what it gave', 'csubprocess\nPopen\n)R)R'],
    ['torch.load itself', `ctorch\nload\n(${text('/etc/passwd')}tR`],
  ];

  test.each(calls)('%s: beside the weights it is passed over, and not called', async (_, call) => {
    const called = jest.spyOn(globalThis, 'eval');
    const { arrays, metadata } = await readWeights(checkpoint(dict(['state_dict', dict(['w', good])], ['extra', call]), four));
    expect(Object.keys(arrays)).toEqual(['w']);
    expect(metadata).toEqual({ key: 'state_dict', passedOver: ['extra'] });
    expect(called).not.toHaveBeenCalled();
    expect(existsSync(TOUCHED)).toBe(false);
    called.mockRestore();
  });

  test.each(calls)('%s: as the weights it is an error', async (_, call) => {
    await expect(readWeights(checkpoint(call))).rejects.toThrow(
      /pickled model of the class|without any|a (string|tuple|list|object)/,
    );
    await expect(readWeights(legacy(call))).rejects.toMatchObject({ name: 'DataError' });
    // A tensor that depends on it is none.
    const depends = `ctorch._utils\n_rebuild_tensor_v2\n(${call}K\0)(t\x89)tR`;
    await expect(readWeights(checkpoint(dict(['w', depends])))).rejects.toMatchObject({ name: 'DataError' });
  });
});

describe('pickles that do not end', () => {
  test('a dictionary that holds itself', async () => {
    const cyclic = `}q\0(${text('w')}${good}${text('self')}h\0u`;
    const { arrays, metadata } = await readWeights(checkpoint(cyclic, four));
    expect(Object.keys(arrays)).toEqual(['w']);
    expect(metadata).toEqual({ passedOver: ['self'] });
  });

  test('dictionaries that hold themselves alone, and nest deeper than anybody looks', async () => {
    await expect(readWeights(checkpoint(`}q\0(${text('self')}h\0u`))).rejects.toThrow(/without any: self/);
    const deep = `${`}(${text('a')}`.repeat(2000)}${good}${'u'.repeat(2000)}`;
    await expect(readWeights(checkpoint(deep, four))).rejects.toThrow(/without any: a/);
  });

  test('one list doubled again and again stays one list', async () => {
    const doubled = `]q\0${'(h\0h\0lq\0'.repeat(100)}`;
    await expect(readWeights(checkpoint(doubled))).rejects.toThrow(/found a list/);
  });
});

describe('tensors that reach beyond their storage', () => {
  test.each([
    ['more numbers than it has', tensor('(K\x05t', '(K\x01t')],
    ['an offset behind its end', tensor('(K\x02t', '(K\x01t', 'K\x04', 'K\x03')],
    ['a negative offset', tensor('(K\x01t', '(K\x01t', 'K\x04', 'J\xff\xff\xff\xff')],
    ['a negative stride', tensor('(K\x02t', '(J\xff\xff\xff\xfft')],
    ['a stride for another shape', tensor('(K\x02K\x02t', '(K\x01t')],
    ['a size that is no number', tensor(`(${text('2')}t`, '(K\x01t')],
    ['a storage that is longer than the file', tensor('(K\x02t', '(K\x01t', '\x8a\x06\0\0\0\0\0\x10')],
    ['a storage of negative length', tensor('(K\x01t', '(K\x01t', 'J\xff\xff\xff\xff')],
    ['sizes whose product is no number', tensor(`(${'J\xff\xff\xff\x7f'.repeat(40)}t`, `(${'K\0'.repeat(40)}t`)],
    ['one number shown a trillion times', tensor('(J\0\0\0\x10J\0\0\x01\0t', '(K\0K\0t')],
  ])('%s', async (_, pickle) => {
    await expect(readWeights(checkpoint(dict(['w', pickle]), four))).rejects.toMatchObject({ name: 'DataError' });
  });
});

describe('zip archives', () => {
  test('that unfold a thousandfold are refused before memory is taken', async () => {
    const zeros = new Uint8Array(200 * 2 ** 20);
    const bomb = zipSync({ 'a.npy': zeros });
    expect(bomb.length).toBeLessThan(2 ** 20);
    const before = process.memoryUsage().arrayBuffers;
    await expect(readWeights(bomb)).rejects.toThrow(/unfolds to at most 64 times its size/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20);
  });

  test('whose directory says less than unfolds', async () => {
    const bomb = zipSync({ 'a.npy': new Uint8Array(2 ** 20) });
    const view = new DataView(bomb.buffer, bomb.byteOffset);
    const entry = bomb.length - 22 - 46 - 'a.npy'.length;
    expect(view.getUint32(entry, true)).toBe(0x02014b50);
    view.setUint32(entry + 24, 1000, true);
    await expect(readWeights(bomb)).rejects.toThrow(/expected 1000 bytes, as the directory says, found more/);
    // More than deflate can hold.
    view.setUint32(entry + 24, 50 * 2 ** 20, true);
    await expect(readWeights(bomb)).rejects.toThrow(/unfolds to at most 64 times its size/);
  });

  test('whose entries lie on top of one another', async () => {
    const bytes = archive(
      Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`${i + 100}.npy`, new Uint8Array(i === 0 ? 2 ** 20 : 0)])),
    );
    const view = new DataView(bytes.buffer);
    const begin = view.getUint32(bytes.length - 6, true);
    for (let i = 0; i < 300; i++) {
      const entry = begin + i * (46 + 7);
      for (const field of [16, 20, 24, 42]) view.setUint32(entry + field, view.getUint32(begin + field, true), true);
    }
    await expect(readWeights(bytes)).rejects.toMatchObject({ name: 'DataError' });
  });

  test.each([
    ['another checksum', 16, 1],
    ['another method of packing', 10, 12],
    ['encryption', 8, 1],
    ['a place behind the end', 42, 2 ** 31],
    ['a length behind the end', 20, 2 ** 31],
    ['a name that is cut off', 28, 60000],
  ])('with %s', async (_, field, value) => {
    const bytes = await writeWeights({ a: { shape: [1], data: [1] } }, 'npz');
    const view = new DataView(bytes.buffer);
    const begin = view.getUint32(bytes.length - 6, true);
    if (value < 2 ** 16) view.setUint16(begin + field, value, true);
    else view.setUint32(begin + field, value, true);
    await expect(readWeights(bytes)).rejects.toMatchObject({ name: 'DataError' });
  });

  test('with one name twice', async () => {
    const bytes = joined(zipOf([1, 2].map(() => ({ name: 'a.npy', pieces: [new Uint8Array(3)] }))));
    await expect(readWeights(bytes)).rejects.toThrow(/two entries 'a.npy'/);
  });

  test('that numpy did not write', async () => {
    await expect(readWeights(archive({ 'a.npy': latin('\x93NUMPY\x01\0\xff\xff{}') }))).rejects.toThrow(
      /a header of 65535 bytes/,
    );
    const npy = (header: string, bytes = '') =>
      archive({ 'a.npy': latin(`\x93NUMPY\x01\0${String.fromCharCode(header.length)}\0${header}${bytes}`) });
    await expect(readWeights(npy('x'))).rejects.toThrow(/a damaged header/);
    const header = (shape: string) => `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape}), }`;
    await expect(readWeights(npy(header('1e9,')))).rejects.toThrow(/a damaged header/);
    await expect(readWeights(npy(header('9999999999, 9999999999')))).rejects.toThrow(/numbers of float32, found 0 bytes/);
    await expect(readWeights(npy(header('2,'), 'abcd'))).rejects.toThrow(/found 4 bytes/);
    await expect(readWeights(archive({ '__proto__.npy': latin('') }))).rejects.toThrow(/__proto__/);
  });
});
