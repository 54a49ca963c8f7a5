import '../src/index.js';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { ArgumentError, GeometryError } from '../src/geometry.js';
import * as layers from '../src/layers/index.js';

/** Every layer of one input, with options that differ from the defaults, and an input it takes. */
const oneInput: [name: string, layer: () => tfl.layers.Layer, inputShape: number[]][] = [
  ['conv2d', () => layers.conv2d({ filters: 4, kernelSize: [3, 2], strides: 2, padding: [1, 0], groups: 2, activation: 'relu' }), [7, 8, 6]],
  ['conv2d dilated', () => layers.conv2d({ filters: 3, kernelSize: 3, dilationRate: [2, 1], padding: { top: 1, bottom: 0, left: 2, right: 1 }, useBias: false, activation: 'leakyRelu' }), [9, 8, 2]],
  ['conv2d same', () => layers.conv2d({ filters: 3, kernelSize: 3, strides: [2, 3], padding: 'same', activation: 'softmax', kernelInitializer: tfl.initializers.randomUniform({ minval: 0.1, maxval: 1 }), kernelRegularizer: tfl.regularizers.l2({ l2: 0.1 }), kernelConstraint: 'nonNeg', biasInitializer: tfl.initializers.constant({ value: 0.25 }) }), [8, 8, 2]],
  ['depthwiseConv2d', () => layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, padding: 1, activation: 'silu', depthwiseInitializer: 'heNormal', depthwiseRegularizer: 'l1' }), [5, 6, 3]],
  ['tableConv2d', () => layers.tableConv2d({ kernelSize: 3, connections: [[0], [0, 2], [1]], activation: 'tanh' }), [5, 5, 3]],
  ['subsampling2d', () => layers.subsampling2d({ poolSize: 2, activation: 'scaledTanh' }), [5, 4, 3]],
  ['dense', () => layers.dense({ units: 5, activation: 'gelu' }), [7]],
  ['rbfOutput', () => layers.rbfOutput({ codes: [[1, -1, 1], [-1, -1, 1]] }), [3]],
  ['maxPooling2d', () => layers.maxPooling2d({ poolSize: 3, strides: 2, ceilMode: true }), [6, 7, 2]],
  ['averagePooling2d', () => layers.averagePooling2d({ poolSize: [3, 2], strides: 2, padding: 1, countIncludePad: false }), [6, 7, 2]],
  ['l2Pooling2d', () => layers.l2Pooling2d({ padding: 'same' }), [5, 5, 2]],
  ['globalAveragePooling2d', () => layers.globalAveragePooling2d(), [4, 5, 3]],
  ['globalMaxPooling2d', () => layers.globalMaxPooling2d({ keepDims: true }), [4, 5, 3]],
  ['adaptiveAveragePooling2d', () => layers.adaptiveAveragePooling2d({ outputSize: [2, 3] }), [5, 5, 2]],
  ['adaptiveMaxPooling2d', () => layers.adaptiveMaxPooling2d({ outputSize: 2 }), [5, 5, 2]],
  ['localResponseNormalization', () => layers.localResponseNormalization({ size: 3, alpha: 1e-2, beta: 0.5, bias: 2 }), [3, 3, 5]],
  ['batchNormalization', () => layers.batchNormalization({ momentum: 0.9, epsilon: 1e-5, scale: false, activation: 'relu' }), [3, 3, 4]],
  ['batchNormalization of vectors', () => layers.batchNormalization({ center: false, unbiasedVariance: true }), [6]],
  ['activation', () => layers.activation({ activation: 'elu', alpha: 0.5 }), [3, 4]],
  ['activation of the second kind', () => layers.activation({ activation: 'hardSwish' }), [3, 4, 2]],
  ['maxout', () => layers.maxout({ pieces: 2 }), [3, 3, 4]],
  ['dropout', () => layers.dropout({ rate: 0.25, seed: 7 }), [3, 3, 4]],
  ['flatten', () => layers.flatten(), [3, 4, 2]],
  ['zeroPadding2d', () => layers.zeroPadding2d({ padding: [[1, 0], [2, 3]] }), [3, 4, 2]],
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
  await model.save(tf.io.withSaveHandler(async (artifacts) => {
    saved = artifacts;
    return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
  }));
  const { modelTopology, weightSpecs, weightData } = JSON.parse(JSON.stringify({ ...saved!, weightData: undefined })) as tf.io.ModelArtifacts;
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

  test.each(oneInput.filter(([, , shape]) => shape.length === 3))('%s: takes pictures whose size is not known', (name, make, shape) => {
    const layer = make();
    const channels = shape[2]!;
    const announced = layer.computeOutputShape([null, null, null, channels]) as tfl.Shape;
    const given = (layer.apply(input(shape)) as tf.Tensor).shape;
    expect(announced).toHaveLength(given.length);
    if (announced.length === 4 && !/global|adaptive/.test(name)) expect(announced.slice(0, 3)).toEqual([null, null, null]);
    if (name !== 'flatten') expect(announced[announced.length - 1]).toBe(given[given.length - 1]);
  });

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
    tfl.sequential({ layers: [tfl.layers.inputLayer({ inputShape: shape }), layer] }).summary(undefined, undefined, (line) => lines.push(String(line)));
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
      new GeometryError("CnnAddRelu 'sum': both inputs must have the same shape, got [?, 4, 4, 3] and [?, 4, 5, 3]"));
    expect(() => layers.concatChannels({ name: 'join' }).apply([a, b])).toThrow(
      new GeometryError("CnnConcatChannels 'join': inputs may differ in their channels only, got [?, 4, 4, 3] and [?, 4, 5, 3]"));
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

describe('misuse', () => {
  const filters = 4;
  const kernelSize = 3;
  const bad: [what: string, make: () => unknown, error: new (message: string) => Error, message: string][] = [
    ['channelsFirst', () => layers.conv2d({ name: 'a', filters, kernelSize, dataFormat: 'channelsFirst' as never }), ArgumentError,
      "CnnConv2D 'a': dataFormat must be 'channelsLast', [batch, height, width, channels], got 'channelsFirst'; tf.transpose(x, [0, 2, 3, 1]) makes it so"],
    ['no filters', () => layers.conv2d({ name: 'a', kernelSize } as never), ArgumentError,
      "CnnConv2D 'a': filters must be a positive integer, got undefined"],
    ['kernelSize 0', () => layers.conv2d({ name: 'a', filters, kernelSize: 0 }), ArgumentError,
      "CnnConv2D 'a': kernelSize must be a positive integer or two of them [height, width], got 0"],
    ['groups that do not divide the filters', () => layers.conv2d({ name: 'a', filters, kernelSize, groups: 3 }), ArgumentError,
      "CnnConv2D 'a': groups must be a divisor of the 4 filters, got 3"],
    ['groups that do not divide the channels', () => layers.conv2d({ name: 'a', filters, kernelSize, groups: 2 }).build([null, 5, 5, 3]), GeometryError,
      "CnnConv2D 'a': groups must divide the channels of the input: 2 does not divide 3"],
    ['channels that are not known', () => layers.conv2d({ name: 'a', filters, kernelSize }).build([null, 5, 5, null]), GeometryError,
      "CnnConv2D 'a': the number of channels of the input must be known, got shape [?, 5, 5, ?]"],
    ['no output left', () => layers.conv2d({ name: 'a', filters, kernelSize }).apply(tfl.input({ shape: [2, 5, 1] })), GeometryError,
      "CnnConv2D 'a': no output is left: height 2 with pads 0 and 0 is smaller than the window 3"],
    ['an unknown activation', () => layers.dense({ name: 'a', units: 1, activation: 'rleu' as never }), ArgumentError,
      "CnnDense 'a': activation must be one of linear, relu, relu6, elu, sigmoid, tanh, leakyRelu, selu, softplus, hardSigmoid, " +
        "gelu, geluTanh, silu, hardSwish, mish, scaledTanh, softmax, logSoftmax, got \"rleu\""],
    ['alpha for relu', () => layers.activation({ name: 'a', activation: 'relu', alpha: 1 } as never), ArgumentError,
      "CnnActivation 'a': alpha must be left out for relu, got 1"],
    ['an unknown initializer', () => layers.dense({ name: 'a', units: 1, kernelInitializer: 'glorot' as never }), ArgumentError,
      "CnnDense 'a': initializer must be one of"],
    ['a connection beyond the input', () => layers.tableConv2d({ name: 'a', kernelSize, connections: [[0, 3]] }).build([null, 5, 5, 3]), ArgumentError,
      "CnnTableConv2D 'a': connections must be channels of the input, 0 to 2, got 3"],
    ['padding below 0', () => layers.conv2d({ name: 'a', filters, kernelSize, padding: [1, -1] }), ArgumentError,
      "CnnConv2D 'a': padding must be 'same', 'valid', a non-negative integer, [height, width] or {top, bottom, left, right}, got [1,-1]"],
    ['padding of one side', () => layers.maxPooling2d({ name: 'a', padding: { top: 1 } as never }), ArgumentError,
      "CnnMaxPooling2D 'a': padding must be 'same', 'valid', a non-negative integer, [height, width] or {top, bottom, left, right}, got {\"top\":1}"],
    ['zero padding of three numbers', () => layers.zeroPadding2d({ name: 'a', padding: [1, 2.5] }), ArgumentError,
      "CnnZeroPadding2D 'a': padding must be a non-negative integer, [height, width], [[top, bottom], [left, right]] or {top, bottom, left, right}, got [1,2.5]"],
    ['zero padding of three sides', () => layers.zeroPadding2d({ padding: [1, 2, 3] as never }), ArgumentError, 'got [1,2,3]'],
    ['a dropout of everything', () => layers.dropout({ name: 'a', rate: 1 }), ArgumentError,
      "CnnDropout 'a': rate must be a number in [0, 1), got 1"],
    ['a seed that is no integer', () => layers.dropout({ name: 'a', rate: 0.5, seed: 0.5 }), ArgumentError,
      "CnnDropout 'a': seed must be an integer in [0, 2^32), got 0.5"],
    ['pieces that do not divide the channels', () => layers.maxout({ name: 'a', pieces: 2 }).apply(tfl.input({ shape: [5] })), GeometryError,
      "CnnMaxout 'a': pieces must divide the channels of the input: 2 does not divide 5"],
    ['batch normalisation along another axis', () => layers.batchNormalization({ name: 'a', axis: 1 }), ArgumentError,
      "CnnBatchNormalization 'a': axis must be -1: the channels are the last axis, got 1"],
    ['batch normalisation of rank 3', () => layers.batchNormalization({ name: 'a' }).apply(tfl.input({ shape: [5, 2] })), GeometryError,
      "CnnBatchNormalization 'a': the input must be [batch, channels] or [batch, height, width, channels], got [?, 5, 2]"],
    ['both words for one thing', () => layers.localResponseNormalization({ size: 5, depthRadius: 2 }), ArgumentError,
      'localResponseNormalization: size (PyTorch) and depthRadius (tfjs) say the same, got both; give one'],
    ['codes of two lengths', () => layers.rbfOutput({ name: 'a', codes: [[1, 1], [1]] }), ArgumentError,
      "CnnRbfOutput 'a': codes must be a code for each class, all of one length, got [[1,1],[1]]"],
  ];

  test.each(bad)('%s', (_, make, error, message) => {
    expect(make).toThrow(error);
    expect(make).toThrow(message);
  });

  test('what the types refuse', () => {
    const unused = (): unknown[] => [
      // @ts-expect-error
      layers.conv2d({ filters, kernelSize, dataFormat: 'channelsFirst' }),
      // @ts-expect-error
      layers.conv2d({ filters, kernelSize, padding: 'causal' }),
      // @ts-expect-error
      layers.conv2d({ filters, kernelSize: [3, 3, 3] }),
      // @ts-expect-error
      layers.averagePooling2d({ dilationRate: 2 }),
      // @ts-expect-error
      layers.activation({ activation: 'relu', alpha: 0.1 }),
      // @ts-expect-error
      layers.dense({ units: 3, kernelInitializer: 'constant' }),
      // @ts-expect-error
      layers.dropout({}),
    ];
    expect(unused).toBeDefined();
  });

  test('an input of another rank', () => {
    expect(() => layers.conv2d({ name: 'rank', filters, kernelSize }).apply(tf.zeros([2, 3]))).toThrow(
      'Input 0 is incompatible with layer rank: expected ndim=4, found ndim=2');
  });
});
