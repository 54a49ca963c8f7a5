/** Weights written and read again, in every format, here and by Python's own libraries. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { io } from '@tensorflow/tfjs-core';
import { type StoredArray, type StoredType, writeWeights } from '../src/weights/index.js';
import { readWeights, saveWeights } from '../src/weights/node.js';
import { python } from './python.js';
import { describeIf, sharedPath, testIf } from './requires.js';
import { TELL, type Told, toldAll } from './told-arrays.js';

/** All halves but signalling NaNs, which processors make quiet. */
const codes = Array.from({ length: 65536 }, (_, i) => i);
const wideHalves = Float32Array.from(
  codes
    .filter((code) => (code & 0x7c00) !== 0x7c00 || (code & 1023) === 0)
    .map((code) => {
      const [exponent, fraction] = [(code >> 10) & 31, code & 1023];
      const size = exponent === 31 ? Infinity : exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25);
      return code & 0x8000 ? -size : size;
    }),
);
const brains = new Float32Array(Uint32Array.from(codes, (code) => code << 16).buffer);

const arrays: Record<string, StoredArray> = {
  'layer1.0.conv1.weight': { shape: [2, 1, 3], dtype: 'float32', data: Float32Array.of(1.5, -0, Number.NaN, Infinity, 1e-45, 3) },
  'group/layer/kernel': { shape: [3], dtype: 'float32', data: Float32Array.of(1, 2, 3) },
  '1': { shape: [], dtype: 'float32', data: Float32Array.of(7) },
  'naïve 名': { shape: [1], dtype: 'float32', data: Float32Array.of(8) },
  constructor: { shape: [0, 4], dtype: 'float32' as const, data: new Float32Array(0) },
  half: { shape: [wideHalves.length], dtype: 'float16', data: wideHalves },
  brain: { shape: [256, 256], dtype: 'bfloat16', data: brains },
  double: { shape: [2], dtype: 'float64', data: Float64Array.of(Math.PI, 5e-324) },
  long: { shape: [2], dtype: 'int64', data: BigInt64Array.of(-(2n ** 63n), 7n) },
  int: { shape: [2], dtype: 'int32', data: Int32Array.of(-(2 ** 31), 7) },
  short: { shape: [1], dtype: 'int16', data: Int16Array.of(-32768) },
  char: { shape: [3], dtype: 'int8', data: Int8Array.of(-128, 0, 127) },
  byte: { shape: [3], dtype: 'uint8', data: Uint8Array.of(0, 128, 255) },
  bool: { shape: [2], dtype: 'bool', data: Uint8Array.of(0, 1) },
};
const without = (...types: StoredType[]) =>
  Object.fromEntries(Object.entries(arrays).filter(([, { dtype }]) => !types.includes(dtype)));

/** Arrays as a format gives them back, where it does not know a type. */
function widened(
  from: Readonly<Record<string, StoredArray>>,
  types: Partial<Record<StoredType, StoredType>>,
): Record<string, StoredArray> {
  return Object.fromEntries(
    Object.entries(from).map(([name, array]) => {
      const dtype: StoredType = types[array.dtype] ?? array.dtype;
      const data = dtype === 'int32' && array.dtype !== 'int32' ? Int32Array.from(array.data as Int8Array, Number) : array.data;
      return [name, { ...array, dtype, data }];
    }),
  );
}

describe('a round trip is exact', () => {
  test.each(['safetensors', 'pytorch', 'npz'] as const)('%s', async (format) => {
    const read = await readWeights(await writeWeights(arrays, format));
    expect(read.format).toBe(format);
    expect(toldAll(read)).toEqual(toldAll({ arrays: format === 'npz' ? widened(arrays, { bfloat16: 'float32' }) : arrays }));
  });

  test('tfjs, in which smaller integers are int32 and bfloat16 is float32', async () => {
    const given = { ...without('float64'), long: { shape: [1], dtype: 'int64' as const, data: BigInt64Array.of(-5n) } };
    const files = await writeWeights(given, 'tfjs', { metadata: { author: 'x' } });
    const read = await readWeights(
      Object.entries(files).map(([name, bytes]) => new File([bytes as Uint8Array<ArrayBuffer>], name)),
    );
    const types = { bfloat16: 'float32', int64: 'int32', int16: 'int32', int8: 'int32', uint8: 'int32' } as const;
    expect(toldAll(read)).toEqual(toldAll({ arrays: widened(given, types) }));
    expect(read.metadata).toMatchObject({ format: 'weights', userDefinedMetadata: { author: 'x' } });
  });

  test('of metadata in safetensors, too', async () => {
    const written = await writeWeights({ arrays, framework: 'torch' as const }, 'safetensors', {
      metadata: { net: 'x', mean: [1, 2] },
    });
    const read = await readWeights(written);
    expect(read.metadata).toEqual({ format: 'pt', net: 'x', mean: '[1,2]' });
    expect(read.framework).toBe('torch');
    expect(await writeWeights(read, 'safetensors', { metadata: read.metadata })).toEqual(written);
  });

  test('the same weights give the same bytes', async () => {
    expect(await writeWeights(arrays, 'pytorch')).toEqual(await writeWeights(arrays, 'pytorch'));
  });
});

test('half is made of float32 as IEEE 754 says: to the nearest, ties to even', async () => {
  const values = [
    1 + 2 ** -11,
    1 + 3 * 2 ** -11,
    65519,
    65520,
    2 ** -25,
    2 ** -24 * 1.5,
    2 ** -14 - 2 ** -26,
    -(2 ** -26),
    1e-40,
    0.1,
  ];
  const expected = [1, 1 + 2 ** -9, 65504, Infinity, 0, 2 ** -23, 2 ** -14, -0, 0, 1638 / 16384];
  const written = await writeWeights(
    { a: { shape: [10], dtype: 'float16', data: Float32Array.from(values) } as StoredArray },
    'npz',
  );
  expect([...(await readWeights(written)).arrays['a']!.data]).toEqual(expected);
  const brain = [1 + 2 ** -8, 1 + 3 * 2 ** -8, 3.4e38, -1 / 3];
  const read = await readWeights(
    await writeWeights({ a: { shape: [4], dtype: 'bfloat16', data: Float32Array.from(brain) } as StoredArray }, 'pytorch'),
  );
  expect([...read.arrays['a']!.data]).toEqual([1, 1 + 2 ** -6, Infinity, -171 / 512]);
});

test('plain numbers are float32; what makes no sense is refused', async () => {
  const read = await readWeights(await writeWeights({ a: { shape: [2], data: [1, 0.1] } }, 'npz'));
  expect(read.arrays['a']).toEqual({ shape: [2], dtype: 'float32', data: Float32Array.of(1, 0.1) });
  const write = (weights: unknown, format: unknown = 'npz') => writeWeights(weights as typeof arrays, format as 'npz');
  await expect(write({ a: { shape: [3], data: [1] } })).rejects.toThrow(/'a' must hold 3 numbers.*got 1/);
  await expect(write({ a: { data: [1] } })).rejects.toThrow(/'a' must be \{shape, data\}/);
  await expect(write({ a: { shape: [1], dtype: 'float16', data: Int8Array.of(1) } })).rejects.toThrow(
    /dtype of 'a' must be one of "int8"/,
  );
  await expect(write({ ['__proto__']: { shape: [1], data: [1] } })).rejects.toThrow(/must not be called '__proto__'/);
  await expect(write({ __metadata__: { shape: [1], data: [1] } }, 'safetensors')).rejects.toThrow(
    /must not be called '__metadata__'/,
  );
  await expect(write([])).rejects.toThrow(/must be arrays by name/);
  await expect(write({}, 'caffe')).rejects.toThrow(/format must be one of/);
  await expect(write(arrays, 'tfjs')).rejects.toThrow(/'double': tfjs/);
});

test('the format is told by the contents; what is none is refused', async () => {
  for (const format of ['safetensors', 'pytorch', 'npz'] as const) {
    const blob = new Blob([(await writeWeights(arrays, format)) as Uint8Array<ArrayBuffer>]);
    expect((await readWeights(blob)).format).toBe(format);
    expect((await readWeights(await blob.arrayBuffer())).format).toBe(format);
  }
  const text = (value: string) => new TextEncoder().encode(value);
  await expect(readWeights(text(''))).rejects.toThrow(/an empty file/);
  await expect(readWeights(text('hello there'))).rejects.toThrow(/begins with 68 65 6c 6c 6f/);
  await expect(readWeights(text('{"layers":[]}'))).rejects.toThrow(/begins with 7b/);
  await expect(readWeights(text('PK\x03\x04'), {})).rejects.toThrow(/directory at the end/);
  await expect(readWeights(await writeWeights(arrays, 'npz'), { format: 'pytorch' })).rejects.toThrow(/data\.pkl/);
  await expect(readWeights(3 as unknown as string)).rejects.toThrow(/source must be a path, a URL, a Blob or File/);
  await expect(readWeights('x', { form: 1 } as object)).rejects.toThrow(/no option 'form'/);
  await expect(readWeights('x', { format: 'mat' as 'npz' })).rejects.toThrow(/format must be one of/);
  await expect(readWeights(join(tmpdir(), 'tfjs-cnn-no-such-file'))).rejects.toThrow(/expected a file, found ENOENT/);
  await expect(readWeights(tmpdir())).rejects.toThrow(/expected a file, found/);
});

describe('on a disk', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tfjs-cnn-weights-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(['a.safetensors', 'a.pt', 'a.npz', 'model.json'])('%s is written and read', async (name) => {
    const given = without('float64', 'int64', 'bfloat16', 'int16', 'int8', 'uint8');
    await saveWeights(join(folder, name), given);
    expect(toldAll(await readWeights(join(folder, name)))).toEqual(toldAll({ arrays: given }));
    expect(toldAll(await readWeights(new URL(`file://${folder}/${name}`)))).toEqual(toldAll({ arrays: given }));
    expect(readdirSync(folder).filter((file) => file.endsWith('.part'))).toEqual([]);
  });

  test('the ending tells the format, or an option does', async () => {
    await expect(saveWeights(join(folder, 'a.bin'), arrays)).rejects.toThrow(/path must end in one of \.safetensors/);
    await saveWeights(join(folder, 'a.bin'), arrays, { format: 'npz' });
    expect((await readWeights(join(folder, 'a.bin'))).format).toBe('npz');
    await expect(saveWeights(join(folder, 'none', 'a.pt'), arrays)).rejects.toThrow(/ENOENT/);
  });

  describeIf('python', "and Python's libraries", () => {
    test('torch.load reads what is written, with weights_only', async () => {
      const path = join(folder, 'all.pt');
      await saveWeights(path, arrays);
      const read = python<Record<string, Told>>(
        `${TELL}
d = torch.load(sys.argv[1], weights_only=True)
assert type(d).__name__ == 'OrderedDict'
print(json.dumps({k: tell(t) for k, t in d.items()}))`,
        path,
      );
      expect(read).toEqual(toldAll({ arrays }));
    });

    test('safetensors reads what is written', async () => {
      const path = join(folder, 'all.safetensors');
      await saveWeights(path, { arrays, framework: 'torch' });
      const read = python<Record<string, Told>>(
        `${TELL}
from safetensors.torch import load_file
print(json.dumps({k: tell(t) for k, t in load_file(sys.argv[1]).items()}))`,
        path,
      );
      expect(read).toEqual(toldAll({ arrays }));
    });

    test('numpy.load reads what is written', async () => {
      const path = join(folder, 'all.npz');
      await saveWeights(path, arrays);
      const read = python<Record<string, Told>>(
        `${TELL}
import numpy
print(json.dumps({k: tell(a) for k, a in numpy.load(sys.argv[1]).items()}))`,
        path,
      );
      expect(read).toEqual(toldAll({ arrays: widened(arrays, { bfloat16: 'float32' }) }));
    });

    test('what numpy.savez and savez_compressed write is read: Fortran order, big-endian, every type', async () => {
      const expected = python<Record<string, Told>>(
        `${TELL}
import numpy as np
r = np.random.default_rng(1)
d = {np.dtype(t).name: (r.standard_normal((5, 3)) * 20).astype(t) for t in ('f8', 'f4', 'f2', 'i8', 'i4', 'i2', 'i1', 'b1')}
d |= {'uint8': r.integers(0, 255, (5, 3)).astype('u1'), 'scalar': np.float32(3), 'empty': np.zeros((0, 2), 'f4'), 'zeros': np.zeros(300000, 'f4')}
d |= {'fortran': np.asfortranarray(r.standard_normal((4, 3, 2))), 'vector': np.asfortranarray(np.arange(3.))}
plain = {k: tell(np.asarray(a)) for k, a in d.items()}
big = {'big ' + t: (r.standard_normal((3, 4)) * 20).astype(t) for t in ('>f8', '>f4', '>f2', '>i8', '>i4', '>i2')}
plain |= {k: tell(a.astype(a.dtype.newbyteorder('='))) for k, a in big.items()}
d |= big | {'words': np.array(['a', 'b']), 'objects': np.array([{}], dtype=object), 'words of bits': np.array([1], 'u4'), 'record': np.zeros(2, [('a', 'f4')])}
np.savez(sys.argv[1] + '/plain.npz', **d)
np.savez_compressed(sys.argv[1] + '/packed.npz', **d)
print(json.dumps(plain))`,
        folder,
      );
      for (const name of ['plain.npz', 'packed.npz']) {
        const read = await readWeights(join(folder, name));
        expect(toldAll(read)).toEqual(expected);
        expect(read.metadata).toEqual({ passedOver: ['words (<U1)', 'objects (|O)', 'words of bits (<u4)', 'record (records)'] });
      }
    });
  });
});

describe('tfjs', () => {
  const manifest = (weights: unknown[], paths: unknown[] = ['w.bin']) => ({ weightsManifest: [{ paths, weights }] });
  const files = (json: unknown, shards: Record<string, Uint8Array>) =>
    [
      new File([JSON.stringify(json)], 'model.json'),
      ...Object.entries(shards).map(([name, bytes]) => new File([bytes as Uint8Array<ArrayBuffer>], name)),
    ] as const;

  test('quantized weights are what tfjs makes of them, over several shards', async () => {
    const weights = [
      {
        name: 'a/kernel',
        shape: [3],
        dtype: 'float32',
        quantization: { dtype: 'uint8', scale: 0.1, min: -3, original_dtype: 'float32' },
      },
      { name: 'b', shape: [2], dtype: 'float32', quantization: { dtype: 'uint16', scale: 0.01, min: 1.5 } },
      { name: 'c', shape: [1], dtype: 'int32', quantization: { dtype: 'uint8', scale: 2.3, min: -7 } },
      { name: 'd', shape: [2], dtype: 'float32', quantization: { dtype: 'float16' } },
      { name: 'e', shape: [2, 1], dtype: 'float32' },
      { name: 'f', shape: [2], dtype: 'bool' },
    ];
    const bytes = Uint8Array.of(0, 7, 255, 1, 2, 255, 255, 9, 0, 0x3c, 1, 0, 0, 0, 0x80, 0x3f, 1, 0, 0, 0, 1, 0);
    const read = await readWeights(
      files(manifest(weights, ['1', '2', '3']), { 1: bytes.subarray(0, 4), 2: bytes.subarray(4, 15), 3: bytes.subarray(15) }),
    );
    const stock = io.decodeWeights(bytes.slice().buffer, weights as io.WeightsManifestEntry[]);
    expect(Object.keys(read.arrays)).toEqual(Object.keys(stock));
    for (const [name, tensor] of Object.entries(stock))
      expect([...read.arrays[name]!.data].map(Number)).toEqual([...tensor.dataSync()]);
    expect([read.format, read.framework]).toEqual(['tfjs', 'keras']);
  });

  const one = { name: 'a', shape: [1], dtype: 'float32' };
  test.each([
    ['a shard that is too short', manifest([one]), 3, /expected bytes 0 to 4, found 3 in all/],
    ['a shard that is too long', manifest([one]), 5, /expected 4 bytes, as model.json says, found 5/],
    ['a path upwards', manifest([one], ['../w.bin']), 4, /names of weight files beside it/],
    ['a path that is none', manifest([one], [7]), 4, /names of weight files beside it/],
    ['another shard', manifest([one], ['v.bin']), 4, /expected a file among those given, found model.json, w.bin/],
    ['one name twice', manifest([one, one]), 8, /one array of each name/],
    ['__proto__', manifest([{ ...one, name: '__proto__' }]), 4, /name, shape and type/],
    ['texts', manifest([{ ...one, dtype: 'string' }]), 4, /name, shape and type/],
    ['another quantization', manifest([{ ...one, quantization: { dtype: 'toString' } }]), 4, /name, shape and type/],
    ['a gigantic shape', manifest([{ ...one, shape: [2 ** 40] }]), 4, /expected bytes 0 to/],
    ['groups that are none', { weightsManifest: [7] }, 4, /groups of paths and weights/],
  ])('%s is refused', async (_, json, length, message) => {
    await expect(readWeights(files(json, { 'w.bin': new Uint8Array(length) }))).rejects.toThrow(message);
  });

  test('model.json alone is not enough', async () => {
    const bytes = new TextEncoder().encode(JSON.stringify(manifest([one])));
    await expect(readWeights(bytes)).rejects.toThrow(/model.json alone; give its path, its address or all files/);
  });

  testIf('shared data', 'Tiny Darknet has the weights that tfjs reads', async () => {
    const path = sharedPath('pretrained/imagenet-tiny-darknet-tfjs/model.json');
    const read = await readWeights(path);
    const json = JSON.parse(readFileSync(path, 'utf8')) as io.ModelJSON;
    for (const { paths, weights } of json.weightsManifest) {
      const bytes = Buffer.concat(paths.map((name) => readFileSync(join(path, '..', name))));
      const stock = io.decodeWeights(Uint8Array.from(bytes).buffer, weights);
      for (const [name, tensor] of Object.entries(stock)) {
        expect(read.arrays[name]!.shape).toEqual(tensor.shape);
        expect(Buffer.from(read.arrays[name]!.data.buffer).equals(Buffer.from(tensor.dataSync().buffer))).toBe(true);
      }
    }
    expect(Object.keys(read.arrays)).toHaveLength(json.weightsManifest.flatMap(({ weights }) => weights).length);
    expect(read.metadata['modelTopology']).toEqual(json.modelTopology);
  });
});
