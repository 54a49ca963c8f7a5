/** Files of Keras's formats written here, read again here, by h5py and by Keras itself. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type StoredArray, stateDict, writeWeights } from '../src/weights/index.js';
import { readWeights, saveWeights } from '../src/weights/node.js';
import { mobileNetV1 } from '../src/zoo/index.js';
import { python } from './python.js';
import { describeIf, sharedPath, testIf } from './requires.js';
import { toldAll } from './told-arrays.js';

const floats = (...values: number[]): StoredArray => ({
  shape: [values.length],
  dtype: 'float32',
  data: Float32Array.from(values),
});
/** Every type, names of every form, and more layers than one table of a group holds. */
const arrays: Record<string, StoredArray> = {
  ...Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`layer_${i}/kernel`, floats(i, -i)])),
  'conv1/kernel': { shape: [2, 1, 3], dtype: 'float32', data: Float32Array.of(1.5, -0, Number.NaN, Infinity, 1e-45, 3) },
  'conv1/bias': floats(4),
  'block/conv/kernel': floats(1),
  'block/conv/bias': floats(2),
  'fire2/squeeze/kernel': floats(3),
  'fire2/expand/kernel': floats(4),
  'old/W': floats(5),
  'x/count:0': floats(6),
  'naïve 名/ü': floats(7),
  '1': { shape: [], dtype: 'float32', data: Float32Array.of(7) },
  constructor: { shape: [0, 4], dtype: 'float32' as const, data: new Float32Array(0) },
  half: { shape: [2], dtype: 'float16', data: Float32Array.of(65504, -(2 ** -24)) },
  brain: { shape: [2], dtype: 'bfloat16', data: Float32Array.of(1.5, -(2 ** 100)) },
  double: { shape: [2], dtype: 'float64', data: Float64Array.of(Math.PI, 5e-324) },
  long: { shape: [2], dtype: 'int64', data: BigInt64Array.of(-(2n ** 63n), 7n) },
  int: { shape: [2], dtype: 'int32', data: Int32Array.of(-(2 ** 31), 7) },
  short: { shape: [1], dtype: 'int16', data: Int16Array.of(-32768) },
  char: { shape: [3], dtype: 'int8', data: Int8Array.of(-128, 0, 127) },
  byte: { shape: [3], dtype: 'uint8', data: Uint8Array.of(0, 128, 255) },
  bool: { shape: [2], dtype: 'bool', data: Uint8Array.of(0, 1) },
};

test('a round trip through keras-h5 is exact, whatever the names and types', async () => {
  const written = await writeWeights(arrays, 'keras-h5');
  const read = await readWeights(written);
  expect(toldAll(read)).toEqual(toldAll({ arrays }));
  expect(Object.keys(read.arrays).filter((name) => name.includes('/'))).toEqual(
    Object.keys(arrays).filter((name) => name.includes('/')),
  );
  expect(read).toMatchObject({
    format: 'keras-h5',
    framework: 'keras',
    metadata: { kerasVersion: '2.15.0', backend: 'tensorflow' },
  });
  expect(await writeWeights(arrays, 'keras-h5')).toEqual(written);
});

test('lists of names that are too long for HDF5 are cut', async () => {
  const many = Object.fromEntries(Array.from({ length: 1500 }, (_, i) => [`${'long'.repeat(20)}_${i}/kernel`, floats(i)]));
  const read = await readWeights(await writeWeights(many, 'keras-h5'));
  expect(toldAll(read)).toEqual(toldAll({ arrays: many }));
  expect(Object.keys(read.arrays)).toEqual(Object.keys(many));
});

test('what Keras cannot take is refused', async () => {
  const write = (given: Record<string, StoredArray>, format: 'keras' | 'keras-h5' | 'keras-weights', metadata = {}) =>
    writeWeights(given, format, { metadata });
  await expect(writeWeights({ arrays, framework: 'torch' as const }, 'keras-h5')).rejects.toThrow(/layout, got PyTorch's/);
  await expect(write({ 'a//b': floats(1) }, 'keras-h5')).rejects.toThrow(/without empty parts/);
  await expect(write({ 'a/b': floats(1), 'a/b:0/c': floats(1) }, 'keras-h5')).rejects.toThrow(/beginning of another/);
  await expect(write(arrays, 'keras')).rejects.toThrow(/metadata\.config/);
  const dense = { class_name: 'Dense', config: { name: 'dense' } };
  const metadata = { config: { class_name: 'Sequential', config: { layers: [dense] } } };
  await expect(write({ 'dense/weight': floats(1) }, 'keras-weights', metadata)).rejects.toThrow(/'dense\/kernel' must be among/);
  await expect(write({ 'other/kernel': floats(1) }, 'keras', metadata)).rejects.toThrow(/'other\/kernel' must belong to a layer/);
});

/** What h5py sees of the file, by the names of the layers and weights. */
const H5PY = `
import sys, json, h5py
with h5py.File(sys.argv[1], 'r') as file:
  found = {}
  def see(name, item):
    if isinstance(item, h5py.Dataset): found[name] = dict(shape=list(item.shape), dtype=str(item.dtype), hex=item[()].tobytes().hex())
  file.visititems(see)
  print(json.dumps(dict(arrays=found, layers=[n.decode() for n in file.attrs['layer_names']], backend=file.attrs['backend'].decode(),
    weights=[n.decode() for n in file['conv1'].attrs['weight_names']])))
`;

/** Loads what was written into the model it came from, and into one of Keras Applications. */
const KERAS = `
import sys, json, keras, numpy as np
folder = sys.argv[1]
right = keras.saving.load_model(folder + '/model.keras')
loaded = {'keras': keras.saving.load_model(folder + '/written.keras')}
for kind in ['weights.h5', 'h5']:
  loaded[kind] = keras.saving.load_model(folder + '/model.keras')
  loaded[kind].set_weights([0 * w for w in right.get_weights()])
  loaded[kind].load_weights(folder + '/written.' + kind)
net = keras.applications.MobileNet(input_shape=(32, 32, 3), alpha=0.25, weights=None, classes=7)
net.load_weights(folder + '/net.h5')
print(json.dumps(dict(
  same={kind: all(np.array_equal(a, b) for a, b in zip(model.get_weights(), right.get_weights())) for kind, model in loaded.items()},
  count=len(right.get_weights()),
  net={w.path: np.asarray(w).tobytes().hex() for w in net.weights})))
`;

describeIf('python', 'Keras and h5py', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keras-write-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('h5py reads what is written', async () => {
    const path = join(folder, 'all.h5');
    await saveWeights(path, arrays);
    const seen = python<{
      arrays: Record<string, { shape: number[]; dtype: string; hex: string }>;
      layers: string[];
      backend: string;
      weights: string[];
    }>(H5PY, path);
    expect(Object.keys(seen.arrays)).toHaveLength(Object.keys(arrays).length);
    expect(seen.layers).toEqual([
      ...Array.from({ length: 300 }, (_, i) => `layer_${i}`),
      'conv1',
      'block',
      'fire2',
      'old',
      'x',
      'naïve 名',
    ]);
    expect(seen.weights).toEqual(['conv1/kernel:0', 'conv1/bias:0']);
    expect(seen.backend).toBe('tensorflow');
    for (const [name, { shape, dtype, data }] of Object.entries(arrays)) {
      const layer = name.includes('/') ? name.split('/')[0] : 'top_level_model_weights';
      const found = seen.arrays[`${layer}/${name}:0`]!;
      expect([name, found.shape]).toEqual([name, shape]);
      if (dtype === 'float16' || dtype === 'bfloat16') continue;
      expect([name, found.dtype]).toEqual([name, dtype]);
      expect([name, found.hex]).toEqual([name, Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex')]);
    }
    expect(seen.arrays['top_level_model_weights/half:0']).toMatchObject({ dtype: 'float16', hex: 'ff7b0180' });
    expect(seen.arrays['top_level_model_weights/brain:0']).toMatchObject({ dtype: '|V2', hex: 'c03f80f1' });
  }, 300_000);

  test('Keras loads what is written, exactly', async () => {
    python(readFileSync(join(__dirname, 'fixtures/keras_models.py'), 'utf8'), folder);
    const read = await readWeights(join(folder, 'model.keras'));
    await saveWeights(join(folder, 'written.keras'), read, { metadata: read.metadata });
    await saveWeights(join(folder, 'written.weights.h5'), read, { metadata: read.metadata });
    await saveWeights(join(folder, 'written.h5'), read);
    const own = await stateDict(mobileNetV1({ inputShape: [32, 32, 3], alpha: 0.25, classes: 7 }), { framework: 'keras' });
    await saveWeights(join(folder, 'net.h5'), own);
    const said = python<{ same: object; count: number; net: Record<string, string> }>(KERAS, folder);
    expect(said.same).toEqual({ keras: true, 'weights.h5': true, h5: true });
    expect(said.count).toBe(Object.keys(read.arrays).length);
    const hex = ({ data }: { data: ArrayLike<number> }) => Buffer.from(Float32Array.from(data).buffer).toString('hex');
    expect(said.net).toEqual(Object.fromEntries(Object.entries(own).map(([name, array]) => [name, hex(array)])));
    // The same three files, here.
    for (const file of ['written.keras', 'written.weights.h5', 'written.h5']) {
      expect(toldAll(await readWeights(join(folder, file)))).toEqual(toldAll(read));
    }
  }, 600_000);
});

testIf('shared data', 'a real file of layers with a slash in their names keeps them', async () => {
  const file = sharedPath('pretrained/imagenet-squeezenet11-notop/squeezenet_weights_tf_dim_ordering_tf_kernels_notop.h5');
  const read = await readWeights(file);
  const again = await readWeights(await writeWeights(read, 'keras-h5', { metadata: read.metadata }));
  expect(toldAll(again)).toEqual(toldAll(read));
  expect(again.metadata['layers']).toEqual(
    (read.metadata['layers'] as string[]).filter((layer) => `${layer}/kernel` in read.arrays),
  );
});
