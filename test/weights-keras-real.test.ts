/** Real files of Keras 1 and 2 against h5py: every name, shape and number. */
import { kerasH5Reader } from '../src/weights/formats/keras-h5/read.js';
import type { StoredArray } from '../src/weights/formats/weight-file.js';
import { python } from './python.js';
import { describeIf, sharedPath } from './requires.js';
import { digest, fileSource } from './weight-parts.js';

/** As h5py reads them, in the order of layer_names and weight_names; th: kernels turned as Keras 1's conversion does. */
const H5PY = `
import sys, json, hashlib, h5py, numpy as np
def names(group, key): return [n.decode() if isinstance(n, bytes) else n for n in group.attrs[key]]
with h5py.File(sys.argv[1], 'r') as file:
  group = file['model_weights'] if 'model_weights' in file else file
  found = []
  for layer in names(group, 'layer_names'):
    for name in names(group[layer], 'weight_names'):
      array = group[layer][name][()]
      if sys.argv[2] == 'th' and array.ndim == 4: array = np.transpose(array[:, :, ::-1, ::-1], (2, 3, 1, 0))
      found.append([layer, name, list(array.shape), str(array.dtype), hashlib.sha256(array.tobytes()).hexdigest()])
print(json.dumps(found))
`;

describeIf(['shared data', 'python'], 'real .h5 files', () => {
  test.each([
    ['mlperf-tiny-cifar10-resnet8/pretrainedResnet.h5', 'tf', 48, 'tensorflow', '2.4.0'],
    ['titu1994-cifar10-densenet/DenseNet-Fast-40-12-CIFAR10.h5', 'th', 53, undefined, undefined],
    ['imagenet-mobilenet-v1-025/mobilenet_v1_0.25_224.h5', 'tf', 137, 'tensorflow', '2.8.0'],
    ['imagenet-squeezenet11-notop/squeezenet_weights_tf_dim_ordering_tf_kernels_notop.h5', 'tf', 50, 'tensorflow', '2.0.0'],
  ])('%s', async (file, ordering, count, backend, kerasVersion) => {
    const path = sharedPath('pretrained', file);
    const source = fileSource(path);
    const { arrays, format, framework, metadata } = await kerasH5Reader.read(source);
    const expected = python<[string, string, number[], string, string][]>(H5PY, path, ordering);
    const found = Object.entries(arrays).map(([name, array]) => [name, array.shape, array.dtype, digest(array)]);
    expect(expected).toHaveLength(count);
    expect(found).toEqual(
      expected.map(([layer, name, shape, dtype, hash]) => [`${layer}/${roleOf(layer, name)}`, shape, dtype, hash]),
    );
    expect({ format, framework }).toEqual({ format: 'keras-h5', framework: 'keras' });
    expect([metadata['backend'], metadata['kerasVersion']]).toEqual([backend, kerasVersion]);
    // Nothing is copied but kernels that are turned.
    const whole = (await source.bytes(0, 1)).buffer;
    const copied = Object.values(arrays).filter((array: StoredArray) => array.data.buffer !== whole);
    expect(copied.every(({ shape }) => ordering === 'th' && shape.length === 4)).toBe(true);
    expect(metadata['kernels']).toEqual(ordering === 'th' ? { order: 'OIHW', flipped: true, by: 'shapes' } : undefined);
  });

  test('a whole model brings its topology', async () => {
    const { metadata } = await kerasH5Reader.read(
      fileSource(sharedPath('pretrained/mlperf-tiny-cifar10-resnet8/pretrainedResnet.h5')),
    );
    expect(metadata).toMatchObject({
      config: { class_name: 'Functional', config: { name: 'model' } },
      trainingConfig: { loss: 'categorical_crossentropy' },
    });
    expect(metadata['layers']).toContain('batch_normalization_6');
  });
});

/** What stands behind the layer's name, by today's names. */
function roleOf(layer: string, name: string): string {
  const role = name.replace(/:0$/, '').split('/').at(-1)!.replace(`${layer}_`, '');
  const renamed: Record<string, string> = { W: 'kernel', b: 'bias', running_mean: 'moving_mean', running_std: 'moving_variance' };
  return renamed[role] ?? role;
}
