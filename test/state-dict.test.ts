/** Weights under other frameworks' names and in their layouts. */
import * as tf from '@tensorflow/tfjs-core';
import { input, model, type SymbolicTensor, sequential, layers as stock } from '@tensorflow/tfjs-layers';
import { ArgumentError, cifarResNet20, layers, loadStateDict, type StateDict, StateDictError, stateDict } from '../src/index.js';
import { uniform } from './golden-fill.js';

beforeAll(() => tf.setBackend('cpu'));

const small = () =>
  sequential({
    layers: [
      layers.conv2d({ name: 'conv', inputShape: [4, 4, 2], filters: 3, kernelSize: [2, 1], groups: 1 }),
      layers.batchNormalization({ name: 'bn' }),
      layers.depthwiseConv2d({ name: 'depthwise', kernelSize: 2, depthMultiplier: 2, useBias: false }),
      layers.flatten({ name: 'flatten' }),
      layers.dropout({ name: 'dropout', rate: 0.5 }),
      layers.dense({ name: 'fc1', units: 5 }),
      layers.dense({ name: 'fc2', units: 2 }),
    ],
  });

/** Every weight another number: its place in the model's own order. */
function numbered() {
  const model = small();
  let next = 0;
  const values = model.getWeights().map(({ shape, size }) => {
    const first = next;
    next += size;
    return tf.tensor(
      Array.from({ length: size }, (_, i) => first + i),
      shape,
    );
  });
  model.setWeights(values);
  tf.dispose(values);
  return model;
}

const weightOf = (model: ReturnType<typeof small>, layer: string) => model.getLayer(layer).getWeights()[0]!.arraySync();

describe('stateDict', () => {
  it("has PyTorch's names and shapes", async () => {
    const dict = await stateDict(numbered());
    expect(Object.fromEntries(Object.entries(dict).map(([name, { shape }]) => [name, shape]))).toEqual({
      'conv.weight': [3, 2, 2, 1],
      'conv.bias': [3],
      'bn.weight': [3],
      'bn.bias': [3],
      'bn.running_mean': [3],
      'bn.running_var': [3],
      'depthwise.weight': [6, 1, 2, 2],
      'fc1.weight': [5, 36],
      'fc1.bias': [5],
      'fc2.weight': [2, 5],
      'fc2.bias': [2],
    });
  });

  it('puts convolutions as OIHW', async () => {
    const model = numbered();
    const kernel = weightOf(model, 'conv') as number[][][][];
    const { data } = (await stateDict(model))['conv.weight']!;
    for (let o = 0; o < 3; o++)
      for (let i = 0; i < 2; i++) for (let y = 0; y < 2; y++) expect(data[(o * 2 + i) * 2 + y]).toBe(kernel[y]![0]![i]![o]);
  });

  it('puts depthwise kernels channel by channel', async () => {
    const model = numbered();
    const kernel = weightOf(model, 'depthwise') as number[][][][];
    const { data } = (await stateDict(model))['depthwise.weight']!;
    for (let c = 0; c < 3; c++)
      for (let m = 0; m < 2; m++)
        for (let y = 0; y < 2; y++)
          for (let x = 0; x < 2; x++) expect(data[((c * 2 + m) * 2 + y) * 2 + x]).toBe(kernel[y]![x]![c]![m]);
  });

  it('turns the flattened pixels behind a convolution into flattened planes, and only there', async () => {
    const model = numbered();
    const dict = await stateDict(model);
    const [fc1, fc2] = [weightOf(model, 'fc1') as number[][], weightOf(model, 'fc2') as number[][]];
    for (let o = 0; o < 5; o++) {
      for (let c = 0; c < 6; c++)
        for (let y = 0; y < 2; y++)
          for (let x = 0; x < 3; x++)
            expect(dict['fc1.weight']!.data[o * 36 + (c * 2 + y) * 3 + x]).toBe(fc1[(y * 3 + x) * 6 + c]![o]);
    }
    for (let o = 0; o < 2; o++) for (let i = 0; i < 5; i++) expect(dict['fc2.weight']!.data[o * 5 + i]).toBe(fc2[i]![o]);
  });

  it("has Keras's paths and our layout for 'keras'", async () => {
    const model = numbered();
    const dict = await stateDict(model, { framework: 'keras' });
    expect(Object.keys(dict)).toEqual(
      'conv/kernel conv/bias bn/gamma bn/beta bn/moving_mean bn/moving_variance depthwise/kernel fc1/kernel fc1/bias fc2/kernel fc2/bias'.split(
        ' ',
      ),
    );
    expect(dict['conv/kernel']!.shape).toEqual([2, 1, 2, 3]);
    expect(Array.from(dict['conv/kernel']!.data)).toEqual((weightOf(model, 'conv') as number[][]).flat(3));
  });

  it("knows tfjs's own layers", async () => {
    const model = sequential({
      layers: [
        stock.conv2d({ name: 'c', inputShape: [3, 3, 1], filters: 2, kernelSize: 3 }),
        stock.flatten({ name: 'f' }),
        stock.dense({ name: 'd', units: 4 }),
      ],
    });
    const dict = await stateDict(model);
    expect([dict['c.weight']!.shape, dict['d.weight']!.shape]).toEqual([
      [2, 1, 3, 3],
      [4, 2],
    ]);
  });
});

describe('loadStateDict', () => {
  it.each(['torch', 'keras'] as const)('takes what stateDict gave, to the bit (%s)', async (framework) => {
    const [from, to] = [numbered(), small()];
    const report = loadStateDict(to, await stateDict(from, { framework }), { framework });
    expect(report).toMatchObject({ missing: [], unexpected: [], mismatched: [] });
    expect(report.loaded).toHaveLength(11);
    expect(to.getWeights().map((weight) => weight.dataSync())).toEqual(from.getWeights().map((weight) => weight.dataSync()));
  });

  it('reaches into blocks', async () => {
    const [from, to] = [cifarResNet20({ seed: 1 }), cifarResNet20({ seed: 2 })];
    loadStateDict(to, await stateDict(from));
    const x = tf.tensor4d(Float32Array.from(uniform('x', 32 * 32 * 3)), [1, 32, 32, 3]);
    const [a, b] = [from, to].map((model) => (model.predict(x) as tf.Tensor).dataSync());
    expect(a).toEqual(b);
  });

  it('names what does not fit, and loads nothing then', async () => {
    const model = numbered();
    const before = model.getWeights().map((weight) => weight.dataSync());
    const { 'fc1.bias': _, ...dict } = { ...(await stateDict(small())), extra: { shape: [1], data: [0] } } as Record<
      string,
      StateDict[string]
    >;
    dict['bn.bias'] = { shape: [4], data: [1, 2, 3, 4] };
    dict['bn.num_batches_tracked'] = { shape: [], data: [7] };
    expect(() => loadStateDict(model, dict)).toThrow(StateDictError);
    expect(() => loadStateDict(model, dict)).toThrow(
      /missing fc1\.bias; unexpected extra; of another shape bn\.bias \(expected \[3\], got \[4\]\)/,
    );
    expect(model.getWeights().map((weight) => weight.dataSync())).toEqual(before);
  });

  it('loads what fits where strict is false', async () => {
    const model = small();
    const from = await stateDict(numbered());
    const report = loadStateDict(model, { 'fc2.bias': from['fc2.bias']!, other: { shape: [1], data: [0] } }, { strict: false });
    expect(report.loaded).toEqual(['fc2.bias']);
    expect(report.unexpected).toEqual(['other']);
    expect(report.missing).toHaveLength(10);
    expect(Array.from(model.getLayer('fc2').getWeights()[1]!.dataSync())).toEqual(Array.from(from['fc2.bias']!.data));
  });

  it('refuses arrays that do not hold what their shape says', async () => {
    const dict = { ...(await stateDict(small())), 'fc2.bias': { shape: [2], data: [1] } };
    expect(() => loadStateDict(small(), dict)).toThrow(ArgumentError);
    expect(() => loadStateDict(small(), dict)).toThrow(/'fc2\.bias' must hold 2 numbers.*got 1/);
  });

  it.each([
    [
      'nothing',
      null,
      'must be {shape, data}, both arrays of numbers; of a tensor: {shape: tensor.shape, data: await tensor.data()}',
    ],
    ['no shape', { data: [1, 2] }, 'must be {shape, data}'],
    ['a shape in words', { shape: '2', data: [1, 2] }, 'must be {shape, data}'],
    ['a string', { shape: [2], data: '12' }, 'must be {shape, data}'],
    ['strings', { shape: [2], data: [1, 'a'] }, 'must hold numbers, got string at 1'],
    ['holes', { shape: [2], data: new Array(2) }, 'must hold numbers, got undefined at 0'],
    ['big integers', { shape: [2], data: new BigInt64Array(2) }, 'must hold numbers, got bigint at 0'],
  ])('refuses arrays that are none, and loads nothing then: %s', async (_, array, message) => {
    const net = small();
    const before = await stateDict(net);
    const dict = { ...(await stateDict(small())), 'fc2.bias': array } as unknown as StateDict;
    expect(() => loadStateDict(net, dict, { strict: false })).toThrow(`'fc2.bias' ${message}`);
    expect(await stateDict(net)).toEqual(before);
  });

  it.each([
    ['a promise', () => stateDict(small()), 'got a promise: await it first'],
    ['a Map', () => new Map(), 'got a Map: Object.fromEntries'],
    ['null', () => null, 'got null'],
  ])('refuses %s for a dict', (_, dict, message) => {
    expect(() => loadStateDict(small(), dict() as unknown as StateDict, { strict: false })).toThrow(
      `the state dict must be an object of arrays by name, ${message}`,
    );
  });

  it('refuses a framework that it does not know', async () => {
    await expect(stateDict(small(), { framework: 'pytorch' as never })).rejects.toThrow(
      'state dict: framework must be one of "torch", "keras", got "pytorch"',
    );
  });

  it('refuses a model of which two weights have one name', async () => {
    const pair = [small(), small()] as const;
    const inputs = input({ shape: [4, 4, 2] });
    const outputs = layers.add().apply(pair.map((net) => net.apply(inputs) as SymbolicTensor)) as SymbolicTensor;
    await expect(stateDict(model({ inputs, outputs }))).rejects.toThrow(
      /two weights of the model '.*' are called 'conv\.weight'/,
    );
  });
});
