import '../src/index.js';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { GeometryError } from '../src/geometry.js';
import * as layers from '../src/layers/index.js';

/** Every layer of one input, with options that differ from the defaults, and an input it takes. */
const oneInput: [name: string, layer: () => tfl.layers.Layer, inputShape: number[]][] = [
  [
    'conv2d',
    () => layers.conv2d({ filters: 4, kernelSize: [3, 2], strides: 2, padding: [1, 0], groups: 2, activation: 'relu' }),
    [7, 8, 6],
  ],
  [
    'conv2d dilated',
    () =>
      layers.conv2d({
        filters: 3,
        kernelSize: 3,
        dilationRate: [2, 1],
        padding: { top: 1, bottom: 0, left: 2, right: 1 },
        useBias: false,
        activation: 'leakyRelu',
      }),
    [9, 8, 2],
  ],
  [
    'conv2d same',
    () =>
      layers.conv2d({
        filters: 3,
        kernelSize: 3,
        strides: [2, 3],
        padding: 'same',
        activation: 'softmax',
        kernelInitializer: tfl.initializers.randomUniform({ minval: 0.1, maxval: 1 }),
        kernelRegularizer: tfl.regularizers.l2({ l2: 0.1 }),
        kernelConstraint: 'nonNeg',
        biasInitializer: tfl.initializers.constant({ value: 0.25 }),
      }),
    [8, 8, 2],
  ],
  [
    'depthwiseConv2d',
    () =>
      layers.depthwiseConv2d({
        kernelSize: 3,
        depthMultiplier: 2,
        padding: 1,
        activation: 'silu',
        depthwiseInitializer: 'heNormal',
        depthwiseRegularizer: 'l1',
      }),
    [5, 6, 3],
  ],
  [
    'convTranspose2d',
    () =>
      layers.convTranspose2d({
        filters: 4,
        kernelSize: [4, 3],
        strides: [2, 3],
        padding: [1, 2],
        outputPadding: [0, 1],
        groups: 2,
        activation: 'relu',
      }),
    [3, 4, 6],
  ],
  [
    'convTranspose2d same',
    () => layers.convTranspose2d({ filters: 3, kernelSize: 3, strides: 2, padding: 'same', activation: 'gelu', useBias: false }),
    [3, 4, 2],
  ],
  [
    'convTranspose2d dilated',
    () =>
      layers.convTranspose2d({ filters: 2, kernelSize: 2, dilationRate: 2, padding: { top: 1, bottom: 0, left: 0, right: 1 } }),
    [3, 4, 2],
  ],
  [
    'locallyConnected2d',
    () =>
      layers.locallyConnected2d({
        filters: 5,
        kernelSize: [2, 3],
        strides: [2, 1],
        activation: 'mish',
        kernelRegularizer: 'l2',
        biasInitializer: 'ones',
      }),
    [6, 5, 3],
  ],
  ['locallyConnected2d same', () => layers.locallyConnected2d({ filters: 2, kernelSize: 3, padding: 'same' }), [4, 3, 2]],
  ['upSampling2d', () => layers.upSampling2d(), [3, 4, 2]],
  [
    'upSampling2d bilinear',
    () => layers.upSampling2d({ size: [2, 3], interpolation: 'bilinear', alignCorners: true }),
    [3, 4, 2],
  ],
  ['tableConv2d', () => layers.tableConv2d({ kernelSize: 3, connections: [[0], [0, 2], [1]], activation: 'tanh' }), [5, 5, 3]],
  ['subsampling2d', () => layers.subsampling2d({ poolSize: 2, activation: 'scaledTanh' }), [5, 4, 3]],
  ['dense', () => layers.dense({ units: 5, activation: 'gelu' }), [7]],
  [
    'rbfOutput',
    () =>
      layers.rbfOutput({
        codes: [
          [1, -1, 1],
          [-1, -1, 1],
        ],
      }),
    [3],
  ],
  ['maxPooling2d', () => layers.maxPooling2d({ poolSize: 3, strides: 2, ceilMode: true }), [6, 7, 2]],
  [
    'averagePooling2d',
    () => layers.averagePooling2d({ poolSize: [3, 2], strides: 2, padding: 1, countIncludePad: false }),
    [6, 7, 2],
  ],
  ['l2Pooling2d', () => layers.l2Pooling2d({ padding: 'same' }), [5, 5, 2]],
  ['globalAveragePooling2d', () => layers.globalAveragePooling2d(), [4, 5, 3]],
  ['globalMaxPooling2d', () => layers.globalMaxPooling2d({ keepDims: true }), [4, 5, 3]],
  ['adaptiveAveragePooling2d', () => layers.adaptiveAveragePooling2d({ outputSize: [2, 3] }), [5, 5, 2]],
  ['adaptiveMaxPooling2d', () => layers.adaptiveMaxPooling2d({ outputSize: 2 }), [5, 5, 2]],
  [
    'localResponseNormalization',
    () => layers.localResponseNormalization({ size: 3, alpha: 1e-2, beta: 0.5, bias: 2 }),
    [3, 3, 5],
  ],
  [
    'batchNormalization',
    () => layers.batchNormalization({ momentum: 0.9, epsilon: 1e-5, scale: false, activation: 'relu' }),
    [3, 3, 4],
  ],
  ['batchNormalization of vectors', () => layers.batchNormalization({ center: false, unbiasedVariance: true }), [6]],
  ['activation', () => layers.activation({ activation: 'elu', alpha: 0.5 }), [3, 4]],
  ['activation of the second kind', () => layers.activation({ activation: 'hardSwish' }), [3, 4, 2]],
  ['maxout', () => layers.maxout({ pieces: 2 }), [3, 3, 4]],
  ['dropout', () => layers.dropout({ rate: 0.25, seed: 7 }), [3, 3, 4]],
  ['flatten', () => layers.flatten(), [3, 4, 2]],
  [
    'zeroPadding2d',
    () =>
      layers.zeroPadding2d({
        padding: [
          [1, 0],
          [2, 3],
        ],
      }),
    [3, 4, 2],
  ],
];

beforeAll(async () => {
  await tf.setBackend('cpu');
});

function input(shape: number[]): tf.Tensor {
  return tf.randomUniform([2, ...shape], -1, 1, 'float32', 11);
}

/** Saves to memory, loads again. */
async function reloaded(model: tfl.LayersModel): Promise<tfl.LayersModel> {
  let saved: tf.io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    }),
  );
  const { modelTopology, weightSpecs, weightData } = JSON.parse(
    JSON.stringify({ ...saved!, weightData: undefined }),
  ) as tf.io.ModelArtifacts;
  return tfl.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData: saved!.weightData ?? weightData }));
}

describe('every layer of one input', () => {
  test.each(oneInput)('%s: the shape it announces is the shape it gives', (_, make, shape) => {
    const layer = make();
    const y = layer.apply(input(shape)) as tf.Tensor;
    expect(layer.computeOutputShape([2, ...shape])).toEqual(y.shape);
    expect((layer.computeOutputShape([null, ...shape]) as tfl.Shape).slice(1)).toEqual(y.shape.slice(1));
    expect((layer.computeOutputShape([null, ...shape]) as tfl.Shape)[0]).toBeNull();
  });

  test.each(oneInput.filter(([, , shape]) => shape.length === 3))(
    '%s: takes pictures whose size is not known',
    (name, make, shape) => {
      const layer = make();
      const channels = shape[2]!;
      const announced = layer.computeOutputShape([null, null, null, channels]) as tfl.Shape;
      const given = (layer.apply(input(shape)) as tf.Tensor).shape;
      expect(announced).toHaveLength(given.length);
      if (announced.length === 4 && !/global|adaptive/.test(name)) expect(announced.slice(0, 3)).toEqual([null, null, null]);
      if (name !== 'flatten') expect(announced[announced.length - 1]).toBe(given[given.length - 1]);
    },
  );

  test.each(oneInput)('%s: is saved and loaded with equal outputs', async (_, make, shape) => {
    const layer = make();
    const model = tfl.sequential({ layers: [tfl.layers.inputLayer({ inputShape: shape }), layer] });
    const again = await reloaded(model);
    expect(again.layers[1]).toBeInstanceOf(layer.constructor);
    // tfjs-layers writes null where an option was left out.
    const asSaved = JSON.parse(JSON.stringify(layer.getConfig(), (_, value) => value ?? null));
    expect(again.layers[1]!.getConfig()).toEqual(asSaved);
    const x = input(shape);
    const [before, after] = [model, again].map((each) => (each.predict(x) as tf.Tensor).dataSync());
    expect(after).toEqual(before);
  });

  test.each(oneInput)('%s: leaves no tensors behind, and gives back its weights', (_, make, shape) => {
    const x = input(shape);
    const start = tf.memory().numTensors;
    const layer = make();
    (layer.apply(x, { training: true }) as tf.Tensor).dispose();
    const built = tf.memory().numTensors;
    for (let i = 0; i < 3; i++) (layer.apply(x, { training: true }) as tf.Tensor).dispose();
    for (let i = 0; i < 3; i++) (layer.apply(x) as tf.Tensor).dispose();
    expect(tf.memory().numTensors).toBe(built);
    layer.dispose();
    expect(tf.memory().numTensors).toBe(start);
  });

  test.each(oneInput)('%s: has a line in the summary', (_, make, shape) => {
    const lines: string[] = [];
    const layer = make();
    tfl
      .sequential({ layers: [tfl.layers.inputLayer({ inputShape: shape }), layer] })
      .summary(undefined, undefined, (line) => lines.push(String(line)));
    expect(lines.join('\n')).toContain(layer.name.slice(0, 10));
  });
});

describe('layers of several inputs', () => {
  function model(): tfl.LayersModel {
    const x = tfl.input({ shape: [4, 4, 3] });
    const a = layers.conv2d({ filters: 3, kernelSize: 1 }).apply(x) as tfl.SymbolicTensor;
    const sum = layers.addRelu().apply([a, x]) as tfl.SymbolicTensor;
    const all = layers.concatChannels().apply([sum, x, a]) as tfl.SymbolicTensor;
    return tfl.model({ inputs: x, outputs: all });
  }

  test('a residual block is saved and loaded with equal outputs', async () => {
    const net = model();
    const again = await reloaded(net);
    const x = input([4, 4, 3]);
    const [before, after] = [net, again].map((each) => (each.predict(x) as tf.Tensor).dataSync());
    expect(net.outputs[0]!.shape).toEqual([null, 4, 4, 9]);
    expect(after).toEqual(before);
  });

  test('addRelu and concatChannels compute what they say', () => {
    const [a, b] = [tf.tensor4d([-3, 1], [1, 1, 1, 2]), tf.tensor4d([1, 2], [1, 1, 1, 2])];
    expect([...(layers.addRelu().apply([a, b]) as tf.Tensor).dataSync()]).toEqual([0, 3]);
    expect([...(layers.concatChannels().apply([a, b]) as tf.Tensor).dataSync()]).toEqual([-3, 1, 1, 2]);
  });

  test('inputs that do not fit together are named', () => {
    const [a, b] = [tfl.input({ shape: [4, 4, 3] }), tfl.input({ shape: [4, 5, 3] })];
    expect(() => layers.addRelu({ name: 'sum' }).apply([a, b])).toThrow(
      new GeometryError("CnnAddRelu 'sum': both inputs must have the same shape, got [?, 4, 4, 3] and [?, 4, 5, 3]"),
    );
    expect(() => layers.concatChannels({ name: 'join' }).apply([a, b])).toThrow(
      new GeometryError("CnnConcatChannels 'join': inputs may differ in their channels only, got [?, 4, 4, 3] and [?, 4, 5, 3]"),
    );
  });
});

test('stock layers and those of the package load side by side', async () => {
  const registry = tf.serialization.SerializationMap.getMap().classNameMap;
  const stock = tfl.layers.conv2d({ filters: 2, kernelSize: 1 });
  expect(registry['Conv2D']![0]).toBe(stock.constructor);
  const model = tfl.sequential({
    layers: [
      layers.conv2d({ filters: 3, kernelSize: 3, padding: 1, inputShape: [5, 5, 2] }),
      tfl.layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu' }),
      tfl.layers.batchNormalization(),
      layers.batchNormalization(),
      tfl.layers.flatten(),
      layers.dense({ units: 4 }),
      tfl.layers.dense({ units: 2 }),
    ],
  });
  const again = await reloaded(model);
  expect(again.layers.map((layer) => layer.constructor)).toEqual(model.layers.map((layer) => layer.constructor));
  const x = input([5, 5, 2]);
  expect((again.predict(x) as tf.Tensor).dataSync()).toEqual((model.predict(x) as tf.Tensor).dataSync());
});

test('no layer has taken the class name of a stock one', () => {
  for (const [, make] of oneInput) {
    const name = make().getClassName();
    expect(name).toMatch(/^Cnn[A-Z]/);
    expect(tf.serialization.getRegisteredName(make().constructor as never)).toBe(`tfjs-cnn>${name}`);
  }
});

test('weights stand in the order in which tfjs-layers has them', () => {
  const names = (layer: tfl.layers.Layer, shape: number[]): string[] => {
    layer.build([null, ...shape]);
    return layer.weights.map(({ originalName }) => originalName.split('/').pop()!);
  };
  expect(names(layers.conv2d({ filters: 2, kernelSize: 3 }), [5, 5, 1])).toEqual(['kernel', 'bias']);
  expect(names(layers.depthwiseConv2d({ kernelSize: 3 }), [5, 5, 1])).toEqual(['depthwise_kernel', 'bias']);
  expect(names(layers.dense({ units: 2 }), [5])).toEqual(['kernel', 'bias']);
  expect(names(layers.batchNormalization(), [5, 5, 2])).toEqual(['gamma', 'beta', 'moving_mean', 'moving_variance']);
});
