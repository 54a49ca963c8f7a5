/** Kernels of Keras 1 and of Theano: what files tell of them, and what is made of them. */
import { NewGroup, writeHdf5 } from '../src/weights/formats/hdf5/write.js';
import { readWeights } from '../src/weights/index.js';

/** A file of one convolution, whose numbers count up. */
function file(shape: number[], said: Record<string, string>, biases?: number): Uint8Array {
  const root = new NewGroup();
  root.attributes.set('layer_names', ['conv_1']);
  for (const [name, value] of Object.entries(said)) root.attributes.set(name, value);
  const group = root.group('conv_1');
  group.attributes.set('weight_names', biases ? ['conv_1_W', 'conv_1_b'] : ['conv_1_W']);
  const count = shape.reduce((product, size) => product * size, 1);
  group.put('conv_1_W', { shape, dtype: 'float32', data: Float32Array.from({ length: count }, (_, i) => i) });
  if (biases) group.put('conv_1_b', { shape: [biases], dtype: 'float32', data: new Float32Array(biases) });
  return Uint8Array.from(Buffer.concat(writeHdf5(root)));
}

const config = (ordering: string) =>
  JSON.stringify({
    class_name: 'Sequential',
    config: [{ class_name: 'Convolution2D', config: { name: 'conv_1', dim_ordering: ordering } }],
  });

test.each([
  // Of OIHW [1, 2, 2, 1] as HWIO [2, 1, 2, 1]: pixel by pixel, flipped or as they are.
  [
    'Theano, told by the config',
    { model_config: config('th') },
    [1, 2, 2, 1],
    [2, 1, 2, 1],
    [1, 3, 0, 2],
    { order: 'OIHW', flipped: true, by: 'config' },
  ],
  [
    'axes of Theano, numbers of TensorFlow',
    { model_config: config('th'), backend: 'tensorflow' },
    [1, 2, 2, 1],
    [2, 1, 2, 1],
    [0, 2, 1, 3],
    { order: 'OIHW', flipped: false, by: 'config' },
  ],
  [
    'TensorFlow, told by the config',
    { model_config: config('tf') },
    [2, 1, 1, 2],
    [2, 1, 1, 2],
    [0, 1, 2, 3],
    { order: 'HWIO', flipped: false, by: 'config' },
  ],
  [
    'axes of TensorFlow, numbers of Theano',
    { model_config: config('tf'), backend: 'theano' },
    [2, 1, 1, 2],
    [2, 1, 1, 2],
    [2, 3, 0, 1],
    { order: 'HWIO', flipped: true, by: 'config' },
  ],
])('%s', async (_, said, shape, turned, numbers, kernels) => {
  const { arrays, metadata } = await readWeights(file(shape, { keras_version: '1.2.2', ...said }));
  expect(arrays['conv_1/kernel']).toEqual({ shape: turned, dtype: 'float32', data: Float32Array.from(numbers) });
  expect(metadata['kernels']).toEqual(kernels);
});

test('shapes tell the order where nothing else does', async () => {
  const order = async (shape: number[], biases?: number) =>
    (await readWeights(file(shape, {}, biases))).metadata['kernels'] as { order: string; by: string };
  expect(await order([64, 3, 3, 3])).toMatchObject({ order: 'OIHW', by: 'shapes' });
  expect(await order([3, 3, 3, 64])).toMatchObject({ order: 'HWIO', by: 'shapes' });
  expect(await order([5, 3, 3, 2], 5)).toMatchObject({ order: 'OIHW' });
  expect(await order([5, 3, 3, 2], 2)).toMatchObject({ order: 'HWIO' });
  // Both fit: today's order.
  expect(await order([3, 3, 3, 3], 3)).toMatchObject({ order: 'HWIO', flipped: false });
});

test("Keras 2's files of Theano are flipped only", async () => {
  const { arrays, metadata } = await readWeights(file([2, 1, 1, 1], { keras_version: '2.2.4', backend: 'theano' }));
  // Names are not Keras 1's: kept as they are.
  expect(arrays['conv_1/conv_1_W']!.shape).toEqual([2, 1, 1, 1]);
  expect(metadata['kernels']).toBeUndefined();
  const root = new NewGroup();
  root.attributes.set('layer_names', ['conv']);
  root.attributes.set('keras_version', '2.2.4');
  root.attributes.set('backend', 'theano');
  root.group('conv').attributes.set('weight_names', ['conv/kernel:0']);
  root.group('conv').put('conv/kernel:0', { shape: [2, 1, 1, 1], dtype: 'float32', data: Float32Array.of(1, 2) });
  const read = await readWeights(Uint8Array.from(Buffer.concat(writeHdf5(root))));
  expect(read.arrays['conv/kernel']!.data).toEqual(Float32Array.of(2, 1));
  expect(read.metadata['kernels']).toEqual({ order: 'HWIO', flipped: true, by: 'version' });
});
