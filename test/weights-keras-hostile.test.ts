/** HDF5, protobuf and Keras's archives that are damaged or made to do harm: a clear error, memory bounded, no end without one. */

import { readFileSync } from 'node:fs';
import { zlibSync } from 'fflate';
import { NewGroup, writeHdf5 } from '../src/weights/formats/hdf5/write.js';
import { packed } from '../src/weights/formats/hdf5/write-messages.js';
import { type StoredArray, writeWeights } from '../src/weights/index.js';
import { readWeights } from '../src/weights/node.js';
import { hdf5Files } from './fuzz/keras-h5.js';
import { kerasWeights } from './fuzz/keras-weights.js';
import { encoded, floats } from './fuzz/messages.js';
import { sharedPath, testIf } from './requires.js';

const joined = (pieces: readonly Uint8Array[]) => Uint8Array.from(Buffer.concat(pieces));
const refused = { name: 'DataError' };
const one: StoredArray = { shape: [1], dtype: 'float32', data: Float32Array.of(1) };
const files = async () => {
  const { arrays, config } = kerasWeights;
  return new Map([
    ...hdf5Files(),
    ['keras-h5', await writeWeights(arrays, 'keras-h5')],
    ['keras-weights', await writeWeights(arrays, 'keras-weights', { metadata: { config } })],
    ['keras', await writeWeights(arrays, 'keras', { metadata: { config } })],
  ]);
};
/** Where the letters stand for the so manieth time. */
function find(bytes: Uint8Array, letters: string, count = 1): number {
  let at = -1;
  for (let i = 0; i < count; i++) at = Buffer.from(bytes).indexOf(letters, at + 1, 'latin1');
  expect(at).toBeGreaterThan(0);
  return at;
}
const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

test('files that are cut off at every hundredth of their length', async () => {
  for (const [name, bytes] of await files()) {
    expect([name, Object.keys((await readWeights(bytes)).arrays).length > 0]).toEqual([name, true]);
    for (let i = 0; i < 100; i++) {
      await expect(readWeights(bytes.subarray(0, Math.floor((bytes.length * i) / 100)))).rejects.toMatchObject(refused);
    }
  }
});

testIf('shared data', 'a real file that is cut off says so', async () => {
  const bytes = new Uint8Array(readFileSync(sharedPath('pretrained/mlperf-tiny-cifar10-resnet8/pretrainedResnet.h5')));
  for (let i = 1; i < 100; i++) {
    await expect(readWeights(bytes.subarray(0, Math.floor((bytes.length * i) / 100)))).rejects.toThrow(
      /expected a file of 1116712 bytes, found \d+; it is cut off or damaged/,
    );
  }
});

test('every flipped bit of a small file: an error or arrays that are whole, never anything else', async () => {
  const bytes = await writeWeights({ 'a/kernel': one }, 'keras-h5');
  let read = 0;
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    const outcome = await readWeights(bytes, { format: 'keras-h5' }).catch((error: Error) => error);
    if (outcome instanceof Error) expect([bit, outcome.name]).toEqual([bit, 'DataError']);
    else {
      read++;
      for (const { shape, data } of Object.values(outcome.arrays)) expect(shape.reduce((a, b) => a * b, 1)).toBe(data.length);
    }
    bytes[bit >> 3]! ^= 1 << (bit & 7);
  }
  expect(read).toBeGreaterThan(0);
  expect((await readWeights(bytes)).arrays['a/kernel']).toEqual(one);
});

describe('structures without an end', () => {
  const root = new NewGroup();
  root.attributes.set('layer_names', ['a']);
  root.group('a').attributes.set('weight_names', ['w']);
  root.group('a').put('w', one);
  const whole = () => joined(writeHdf5(root));

  test('a tree that is its own child', async () => {
    const bytes = whole();
    const at = find(bytes, 'TREE', 2);
    bytes[at + 5] = 1;
    view(bytes).setBigUint64(at + 32, BigInt(at), true);
    await expect(readWeights(bytes)).rejects.toThrow(/expected a node of kind 0, level 0, found 0, 1; the file is damaged/);
  });

  test('a header that goes on where it begins', async () => {
    const bytes = whole();
    // The message of the root's table becomes a continuation: at its own place.
    const header = Number(view(bytes).getBigUint64(64, true));
    view(bytes).setUint16(header + 16, 0x10, true);
    view(bytes).setBigUint64(header + 24, BigInt(header + 16), true);
    view(bytes).setBigUint64(header + 32, 24n, true);
    await expect(readWeights(bytes)).rejects.toThrow(/expected each structure once, found ever more of them/);
  });

  test('groups in groups in a circle', async () => {
    const cyclic = new NewGroup();
    cyclic.group('layers/a/vars').put('0', one);
    const bytes = joined(writeHdf5(cyclic));
    // The group 'layers' becomes its own member 'a'.
    const table = find(bytes, 'SNOD', 4);
    const inner = find(bytes, 'SNOD', 3);
    const header = view(bytes).getBigUint64(table + 16, true);
    view(bytes).setBigUint64(inner + 16, header, true);
    await expect(readWeights(bytes)).rejects.toThrow(/expected groups in groups, at most 64, found more/);
  });

  test('a table with more members than the file has room for', async () => {
    const bytes = whole();
    view(bytes).setUint16(find(bytes, 'SNOD', 2) + 6, 65535, true);
    await expect(readWeights(bytes)).rejects.toMatchObject(refused);
  });
});

describe('numbers that nobody has memory for', () => {
  /** A file with one array, whose messages are changed. */
  async function changed(change: (bytes: Uint8Array, dataspace: number) => void): Promise<Uint8Array> {
    const bytes = await writeWeights({ 'a/w': { shape: [3], dtype: 'float32', data: Float32Array.of(1, 2, 3) } }, 'keras-h5');
    // Version 1, one axis, its length.
    change(bytes, Buffer.from(bytes).indexOf(Buffer.from([1, 1, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0])));
    return bytes;
  }

  test.each([2 ** 20, 2 ** 40, 2 ** 52])('an array that claims %d numbers', async (count) => {
    const bytes = await changed((given, at) => view(given).setBigUint64(at + 8, BigInt(count), true));
    await expect(readWeights(bytes)).rejects.toThrow(/bytes/);
  });

  test('an array that was never written and claims a terabyte', async () => {
    const bytes = await changed((given, at) => {
      view(given).setBigUint64(at + 8, 2n ** 38n, true);
      // Layout: version 3, contiguous, an address: none.
      const layout = Buffer.from(given).indexOf(Buffer.from([8, 0, 24, 0, 0, 0, 0, 0, 3, 1]), at);
      view(given).setBigInt64(layout + 10, -1n, true);
    });
    await expect(readWeights(bytes)).rejects.toThrow(/at most 8 times the file's size in unpacked numbers, found \d+ bytes more/);
  });

  test('a chunk that unpacks to a thousand times its size', async () => {
    const packedZeros = zlibSync(new Uint8Array(2 ** 24), { level: 9 });
    expect(packedZeros.length).toBeLessThan(2 ** 15);
    const bytes = bomb(packedZeros, 64);
    const before = process.memoryUsage().arrayBuffers;
    await expect(readWeights(bytes)).rejects.toThrow(/the file's size in unpacked numbers/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(128 * 2 ** 20);
  });
});

/** An array of so many chunks, all of which are the same packed zeros: 16 MB each. */
function bomb(chunk: Uint8Array, chunks: number): Uint8Array {
  const root = new NewGroup();
  root.attributes.set('layer_names', ['a']);
  root.group('a').attributes.set('weight_names', ['w']);
  root.group('a').put('w', { shape: [chunks * 2 ** 22], dtype: 'float32', data: new Float32Array(0) });
  const file = joined(writeHdf5(root));
  const tree = file.length;
  const entries = Array.from({ length: chunks }, (_, i) => packed([4, chunk.length], [4, 0], [8, i * 2 ** 22], [8, 0], [8, 0]));
  const head = packed(new TextEncoder().encode('TREE'), [1, 1], [1, 0], [2, chunks], [8, -1], [8, -1]);
  const end = tree + head.length + entries.length * 32;
  for (const entry of entries) view(entry).setBigUint64(24, BigInt(end), true);
  // The layout's message has room for a chunked one of one axis, filters take the fill value's.
  const layout = Buffer.from(file).indexOf(Buffer.from([8, 0, 24, 0, 0, 0, 0, 0, 3, 1]));
  file.set(packed([1, 3], [1, 2], [1, 2], [8, tree], [4, 2 ** 22], [4, 4]), layout + 8);
  const fill = Buffer.from(file).indexOf(Buffer.from([5, 0, 8, 0, 0, 0, 0, 0, 2, 2, 2, 1]));
  file.set([0x0b, 0, 8, 0, 0, 0, 0, 0, 2, 1, 1, 0, 0, 0, 0, 0], fill);
  const whole = joined([file, head, ...entries, chunk]);
  view(whole).setBigUint64(40, BigInt(whole.length), true);
  return whole;
}

describe('names and texts', () => {
  test("'__proto__' among a file's names", async () => {
    const root = new NewGroup();
    root.attributes.set('layer_names', []);
    const extra = root.group('top_level_model_weights');
    extra.attributes.set('weight_names', ['__proto__']);
    extra.put('__proto__', one);
    await expect(readWeights(joined(writeHdf5(root)))).rejects.toThrow(/expected names of weights, found '__proto__'/);
  });

  test('layers that are called like what every object has', async () => {
    const root = new NewGroup();
    root.put('layers/constructor/vars/0', one);
    root.put('layers/__proto__/vars/0', one);
    expect(Object.keys((await readWeights(joined(writeHdf5(root)))).arrays).sort()).toEqual(['__proto__/0', 'constructor/0']);
  });

  test("'__proto__' in a config", async () => {
    const root = new NewGroup();
    root.attributes.set('layer_names', []);
    root.attributes.set('model_config', '{"config": {"__proto__": {"layers": []}}}');
    await expect(readWeights(joined(writeHdf5(root)))).rejects.toThrow(/model_config: expected JSON without the key '__proto__'/);
  });

  test('two tensors of one name, and one that is called __proto__', async () => {
    const model = (...names: string[]) =>
      encoded([
        [1, 8],
        [
          7,
          names.map(
            (name) =>
              [
                5,
                [
                  [2, 1],
                  [1, 1],
                  [4, floats(1)],
                  [8, name],
                ],
              ] as const,
          ),
        ],
      ]);
    expect(Object.keys((await readWeights(model('a', 'b'), { format: 'onnx' })).arrays)).toEqual(['a', 'b']);
    await expect(readWeights(model('a', 'a'), { format: 'onnx' })).rejects.toThrow(/a name for each tensor, found 'a' twice/);
    await expect(readWeights(model('__proto__'), { format: 'onnx' })).rejects.toMatchObject(refused);
  });
});

describe('messages of Protocol Buffers', () => {
  const tensor = [
    [2, 1],
    [1, 1],
    [4, floats(1)],
    [8, 'a'],
  ] as const;
  const whole = encoded([
    [1, 8],
    [2, 'here'],
    [7, [[5, tensor]]],
  ]);

  test('cut off at every byte', async () => {
    for (let end = 0; end < whole.length; end++) {
      await expect(readWeights(whole.subarray(0, end), { format: 'onnx' })).rejects.toMatchObject(refused);
    }
  });

  test.each([
    ['a length of 4 GB', [0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f], /expected a field of a message, found index out of range/],
    ['a number without an end', [0x08, ...new Array(12).fill(0xff)], /expected a field of a message/],
    ['a group', [0x3b], /found wire type 3/],
  ])('%s', async (_, more, message) => {
    await expect(readWeights(Uint8Array.from([...whole, ...more]), { format: 'onnx' })).rejects.toThrow(message);
  });

  test('a shape of negative, of gigantic or of a million sizes', async () => {
    const model = (...sizes: Uint8Array[]) =>
      encoded([
        [1, 8],
        [7, [[5, [[2, 1], ...sizes.map((size) => [1, size] as const), [4, floats(1)]]]]],
      ]);
    const minus = Uint8Array.from([...new Array(9).fill(0xff), 1]);
    const huge = Uint8Array.from([...new Array(8).fill(0xff), 0x3f]);
    for (const sizes of [[minus], [huge], [huge, huge], [new Uint8Array(1e6).fill(2)]]) {
      await expect(readWeights(model(...sizes), { format: 'onnx' })).rejects.toThrow(/expected (a shape|\d+ numbers)/);
    }
  });
});
