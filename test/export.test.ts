/** Exporting: what is refused, and how files are written. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { EXPORT_TARGETS, exportModel, importWeights } from '../src/export/index.js';
import {
  getModel,
  layers,
  loadStateDict,
  readWeights,
  StateDictError,
  setModelInput,
  stateDict,
  writeWeights,
} from '../src/index.js';

beforeAll(() => tf.setBackend('wasm-cnn'));

const net = (...inside: tfl.layers.Layer[]) => tfl.sequential({ layers: inside });
const first = (name = 'conv') => layers.conv2d({ name, inputShape: [8, 8, 2], filters: 2, kernelSize: 3 });
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe('exportModel', () => {
  test.each<[string, () => tfl.LayersModel, RegExp]>([
    [
      'a layer without a counterpart',
      () => net(first(), layers.locallyConnected2d({ name: 'local', filters: 2, kernelSize: 3 })),
      /CnnLocallyConnected2D 'local' has no counterpart/,
    ],
    [
      "tfjs-layers' own hard sigmoid",
      () => net(first(), tfl.layers.activation({ name: 'gate', activation: 'hardSigmoid' })),
      /Activation 'gate' has the activation 'hardSigmoid'/,
    ],
    [
      "tfjs-layers' own bilinear pixels",
      () => net(first(), tfl.layers.upSampling2d({ name: 'up', size: [2, 2], interpolation: 'bilinear' })),
      /UpSampling2D 'up' takes bilinear pixels/,
    ],
    [
      'a reshape of more than one pixel',
      () => net(first(), tfl.layers.reshape({ name: 'shape', targetShape: [72] })),
      /Reshape 'shape' may only/,
    ],
    [
      'an open size',
      () => net(layers.conv2d({ inputShape: [null, null, 3], filters: 2, kernelSize: 3 })),
      /say with inputShape which size is meant/,
    ],
  ])('refuses %s, naming it', async (_, build, message) => {
    for (const to of EXPORT_TARGETS) await expect(exportModel(build(), { to })).rejects.toThrow(message);
  });

  it('refuses options and targets that there are not', async () => {
    const model = net(first());
    await expect(exportModel(model, { to: 'caffe' as 'onnx' })).rejects.toThrow(
      /to must be one of "torch-ddp", "keras", "onnx", got "caffe"/,
    );
    await expect(exportModel(model, { to: 'onnx', layot: 'nchw' } as never)).rejects.toThrow(/there is no option 'layot'/);
    await expect(exportModel(model, { to: 'onnx', layout: 'hwc' as 'nchw' })).rejects.toThrow(/layout must be one of/);
  });

  it("refuses names that are attributes of PyTorch's modules, and slashes for Keras", async () => {
    await expect(exportModel(net(first('train')), { to: 'torch-ddp' })).rejects.toThrow(
      /'train' is an attribute of PyTorch's modules/,
    );
    await expect(exportModel(net(first('features.float')), { to: 'torch-ddp' })).rejects.toThrow(/'float' is an attribute/);
    await expect(exportModel(net(first('a/b')), { to: 'keras' })).rejects.toThrow(/no '\/' in a layer's name, found in 'a\/b'/);
  });

  it('writes names into programs as text: none of them is run', async () => {
    const name = `q'"\\\n#"""`;
    const inputs = tfl.input({ shape: [8, 8, 3] });
    const outputs = layers.conv2d({ name: 'conv', filters: 2, kernelSize: 3 }).apply(inputs) as tfl.SymbolicTensor;
    const model = tfl.model({ inputs, outputs, name });
    setModelInput(model, { height: 8, width: 8, channels: 3, mean: [0, 0, 0], std: [1, 1, 1], classNames: [name, 'b'] });
    for (const to of ['torch-ddp', 'keras'] as const) {
      const source = text((await exportModel(model, { to }))['model.py']!);
      // Python reads JSON's text as it is.
      expect(source).toContain(`CLASS_NAMES = [${JSON.stringify(name)}, "b"]\n`);
      expect(source).toMatch(/^"""q'[\n]?#, exported from tfjs-cnn/);
    }
  });

  it('takes the size of pictures that a model leaves open', async () => {
    const model = tfl.sequential({
      layers: [layers.conv2d({ inputShape: [null, null, 3], filters: 2, kernelSize: 3, strides: 2, padding: 'same' })],
    });
    const { 'model.py': source } = await exportModel(model, { to: 'keras', inputShape: [9, 12, 3] });
    expect(text(source!)).toContain('HEIGHT, WIDTH, CHANNELS = 9, 12, 3');
  });
});

describe('importWeights', () => {
  const small = () => getModel('cifarResNet20', { width: 2, inputShape: [16, 16, 3], seed: 1 });

  test.each([
    ['torch-ddp', 'weights.pt'],
    ['keras', 'weights.npz'],
  ] as const)('brings back what %s has, to the bit', async (to, file) => {
    const model = small();
    const other = getModel('cifarResNet20', { width: 2, inputShape: [16, 16, 3], seed: 2 });
    const { loaded } = await importWeights(other, (await exportModel(model, { to }))[file]!);
    expect(loaded).toHaveLength(model.weights.length);
    expect(await stateDict(other)).toEqual(await stateDict(model));
  });

  it('passes over counters of batches, which are whole numbers', async () => {
    const model = small();
    const counter = { shape: [], dtype: 'int64' as const, data: BigInt64Array.of(7n) };
    const { arrays } = await readWeights(await writeWeights(await stateDict(model), 'pytorch'));
    const bytes = await writeWeights(
      { arrays: { ...arrays, 'bn1.num_batches_tracked': counter }, framework: 'torch' },
      'pytorch',
    );
    expect((await importWeights(model, bytes)).missing).toEqual([]);
  });

  it('refuses other weights with a report, and leaves the model as it was', async () => {
    const model = small();
    const before = await stateDict(model);
    const { 'conv1.weight': conv, ...rest } = before;
    const refused = importWeights(model, await writeWeights({ ...rest, 'stem.weight': conv! }, 'pytorch'));
    await expect(refused).rejects.toThrow(StateDictError);
    await expect(refused).rejects.toThrow(/missing conv1.weight; unexpected stem.weight/);
    expect(await stateDict(model)).toEqual(before);
    loadStateDict(model, before);
  });
});
