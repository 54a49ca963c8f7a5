import '../src/index.js';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { ArgumentError, GeometryError } from '../src/geometry.js';
import * as layers from '../src/layers/index.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('misuse', () => {
  const filters = 4;
  const kernelSize = 3;
  const bad: [what: string, make: () => unknown, error: new (message: string) => Error, message: string][] = [
    [
      'channelsFirst',
      () => layers.conv2d({ name: 'a', filters, kernelSize, dataFormat: 'channelsFirst' as never }),
      ArgumentError,
      "CnnConv2D 'a': dataFormat must be 'channelsLast', [batch, height, width, channels], got 'channelsFirst'; tf.transpose(x, [0, 2, 3, 1]) makes it so",
    ],
    [
      'no filters',
      () => layers.conv2d({ name: 'a', kernelSize } as never),
      ArgumentError,
      "CnnConv2D 'a': filters must be a positive integer, got undefined",
    ],
    [
      'kernelSize 0',
      () => layers.conv2d({ name: 'a', filters, kernelSize: 0 }),
      ArgumentError,
      "CnnConv2D 'a': kernelSize must be a positive integer or two of them [height, width], got 0",
    ],
    [
      'groups that do not divide the filters',
      () => layers.conv2d({ name: 'a', filters, kernelSize, groups: 3 }),
      ArgumentError,
      "CnnConv2D 'a': groups must be a divisor of the 4 filters, got 3",
    ],
    [
      'groups that do not divide the channels',
      () => layers.conv2d({ name: 'a', filters, kernelSize, groups: 2 }).build([null, 5, 5, 3]),
      GeometryError,
      "CnnConv2D 'a': groups must divide the channels of the input: 2 does not divide 3",
    ],
    [
      'channels that are not known',
      () => layers.conv2d({ name: 'a', filters, kernelSize }).build([null, 5, 5, null]),
      GeometryError,
      "CnnConv2D 'a': the number of channels of the input must be known, got shape [?, 5, 5, ?]",
    ],
    [
      'no output left',
      () => layers.conv2d({ name: 'a', filters, kernelSize }).apply(tfl.input({ shape: [2, 5, 1] })),
      GeometryError,
      "CnnConv2D 'a': no output is left: height 2 with pads 0 and 0 is smaller than the window 3",
    ],
    [
      'an unknown activation',
      () => layers.dense({ name: 'a', units: 1, activation: 'rleu' as never }),
      ArgumentError,
      "CnnDense 'a': activation must be one of linear, relu, relu6, elu, sigmoid, tanh, leakyRelu, selu, softplus, hardSigmoid, " +
        'gelu, geluTanh, silu, hardSwish, mish, scaledTanh, softmax, logSoftmax, got "rleu"',
    ],
    [
      'alpha for relu',
      () => layers.activation({ name: 'a', activation: 'relu', alpha: 1 } as never),
      ArgumentError,
      "CnnActivation 'a': alpha must be left out for relu, got 1",
    ],
    [
      'a block whose input has no pictures',
      () => layers.residualBlock({ name: 'a', filters }).apply(tfl.input({ shape: [5] })),
      GeometryError,
      "CnnResidualBlock 'a': the input of 'a.conv1' must be [batch, height, width, channels], got [?, 5]",
    ],
    [
      'a block that is built, and an input of other channels',
      () => {
        const block = layers.bottleneckBlock({ name: 'a', filters: 8, shortcut: 'projection' });
        block.apply(tfl.input({ shape: [5, 5, 4] }));
        block.apply(tfl.input({ shape: [5, 5, 6] }));
      },
      Error,
      'Input 0 is incompatible with layer a: expected axis -1 of input shape to have value 4',
    ],
    [
      'recompute that is neither true nor false',
      () => layers.residualBlock({ name: 'a', filters, recompute: 'no' as never }),
      ArgumentError,
      `CnnResidualBlock 'a': recompute must be one of true, false, got "no"`,
    ],
    [
      'a name that is none',
      () => layers.residualBlock({ name: 'a', filters, names: { conv1: 5 as never } }),
      ArgumentError,
      "CnnResidualBlock 'a': the name of conv1 must be a string, got 5",
    ],
    [
      'an option that batch normalisation has not',
      () => layers.residualBlock({ name: 'a', filters, normalization: { eps: 1e-5 } as never }),
      ArgumentError,
      "CnnResidualBlock 'a': normalization must be options out of epsilon, momentum, center, scale, unbiasedVariance, got eps",
    ],
    [
      'NaN',
      () => layers.conv2d({ name: 'a', filters, kernelSize, dilationRate: 1, groups: Number.NaN }),
      ArgumentError,
      "CnnConv2D 'a': groups must be a positive integer, got NaN",
    ],
    [
      'a number for an initializer',
      () => layers.dense({ name: 'a', units: 1, kernelInitializer: 42 as never }),
      ArgumentError,
      "CnnDense 'a': initializer must be a name or an object, got 42",
    ],
    [
      'an unknown initializer',
      () => layers.dense({ name: 'a', units: 1, kernelInitializer: 'glorot' as never }),
      ArgumentError,
      "CnnDense 'a': initializer must be one of",
    ],
    [
      'a connection beyond the input',
      () => layers.tableConv2d({ name: 'a', kernelSize, connections: [[0, 3]] }).build([null, 5, 5, 3]),
      ArgumentError,
      "CnnTableConv2D 'a': connections must be channels of the input, 0 to 2, got 3",
    ],
    [
      'padding below 0',
      () => layers.conv2d({ name: 'a', filters, kernelSize, padding: [1, -1] }),
      ArgumentError,
      "CnnConv2D 'a': padding must be 'same', 'valid', a non-negative integer, [height, width] or {top, bottom, left, right}, got [1,-1]",
    ],
    [
      'padding of one side',
      () => layers.maxPooling2d({ name: 'a', padding: { top: 1 } as never }),
      ArgumentError,
      "CnnMaxPooling2D 'a': padding must be 'same', 'valid', a non-negative integer, [height, width] or {top, bottom, left, right}, got {\"top\":1}",
    ],
    [
      'zero padding of three numbers',
      () => layers.zeroPadding2d({ name: 'a', padding: [1, 2.5] }),
      ArgumentError,
      "CnnZeroPadding2D 'a': padding must be a non-negative integer, [height, width], [[top, bottom], [left, right]] or {top, bottom, left, right}, got [1,2.5]",
    ],
    ['zero padding of three sides', () => layers.zeroPadding2d({ padding: [1, 2, 3] as never }), ArgumentError, 'got [1,2,3]'],
    [
      'a dropout of everything',
      () => layers.dropout({ name: 'a', rate: 1 }),
      ArgumentError,
      "CnnDropout 'a': rate must be a number in [0, 1), got 1",
    ],
    [
      'a seed that is no integer',
      () => layers.dropout({ name: 'a', rate: 0.5, seed: 0.5 }),
      ArgumentError,
      "CnnDropout 'a': seed must be an integer in [0, 2^32), got 0.5",
    ],
    [
      'pieces that do not divide the channels',
      () => layers.maxout({ name: 'a', pieces: 2 }).apply(tfl.input({ shape: [5] })),
      GeometryError,
      "CnnMaxout 'a': pieces must divide the channels of the input: 2 does not divide 5",
    ],
    [
      'batch normalisation along another axis',
      () => layers.batchNormalization({ name: 'a', axis: 1 }),
      ArgumentError,
      "CnnBatchNormalization 'a': axis must be -1: the channels are the last axis, got 1",
    ],
    [
      'batch normalisation of rank 3',
      () => layers.batchNormalization({ name: 'a' }).apply(tfl.input({ shape: [5, 2] })),
      GeometryError,
      "CnnBatchNormalization 'a': the input must be [batch, channels] or [batch, height, width, channels], got [?, 5, 2]",
    ],
    [
      'both words for one thing',
      () => layers.localResponseNormalization({ size: 5, depthRadius: 2 }),
      ArgumentError,
      'localResponseNormalization: size (PyTorch) and depthRadius (tfjs) say the same, got both; give one',
    ],
    [
      'a transposed convolution with groups that do not divide the channels',
      () => layers.convTranspose2d({ name: 'a', filters, kernelSize, groups: 2 }).build([null, 5, 5, 3]),
      GeometryError,
      "CnnConvTranspose2D 'a': groups must divide the channels of the input: 2 does not divide 3",
    ],
    [
      'more output padding than strides',
      () => layers.convTranspose2d({ name: 'a', filters, kernelSize, strides: 2, outputPadding: [1, 2] }),
      GeometryError,
      "CnnConvTranspose2D 'a': outputPadding must be a non-negative integer or two of them [height, width], each less than the " +
        'stride or the dilation (strides [2,2], dilations [1,1]), got [1,2]',
    ],
    [
      'a transposed convolution of which nothing is left',
      () => layers.convTranspose2d({ name: 'a', filters, kernelSize, padding: 2 }).apply(tfl.input({ shape: [2, 5, 1] })),
      GeometryError,
      "CnnConvTranspose2D 'a': no output is left: height 2 with stride 1 and the window 3 gives 4, from which pads take 4",
    ],
    [
      'locally connected pictures of any size',
      () => layers.locallyConnected2d({ name: 'a', filters, kernelSize }).build([null, null, 5, 3]),
      GeometryError,
      "CnnLocallyConnected2D 'a': the height of the input must be known, got shape [?, ?, 5, 3]",
    ],
    [
      'an unknown interpolation',
      () => layers.upSampling2d({ name: 'a', interpolation: 'bicubic' as never }),
      GeometryError,
      "CnnUpSampling2D 'a': interpolation must be 'nearest' or 'bilinear', got 'bicubic'",
    ],
    [
      'corners of repeated pixels',
      () => layers.upSampling2d({ name: 'a', alignCorners: true }),
      GeometryError,
      "CnnUpSampling2D 'a': alignCorners goes with interpolation 'bilinear' only; leave it out",
    ],
    [
      'unpooling with words for pads',
      () => layers.maxUnpooling2d({ name: 'a', padding: 'same' as never }),
      ArgumentError,
      "CnnMaxUnpooling2D 'a': padding must be a non-negative integer or two of them [height, width], got same",
    ],
    [
      'unpooling without switches',
      () => layers.maxUnpooling2d({ name: 'a' }).apply(tfl.input({ shape: [2, 5, 1] })),
      GeometryError,
      "CnnMaxUnpooling2D 'a': expects 2 inputs, got 1",
    ],
    [
      'switches of another shape',
      () => layers.maxUnpooling2d({ name: 'a' }).apply([tfl.input({ shape: [2, 5, 1] }), tfl.input({ shape: [2, 5, 2] })]),
      GeometryError,
      "CnnMaxUnpooling2D 'a': both inputs must have the same shape, got [?, 2, 5, 1] and [?, 2, 5, 2]",
    ],
    [
      'codes of two lengths',
      () => layers.rbfOutput({ name: 'a', codes: [[1, 1], [1]] }),
      ArgumentError,
      "CnnRbfOutput 'a': codes must be a code for each class, all of one length, got [[1,1],[1]]",
    ],
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
      'Input 0 is incompatible with layer rank: expected ndim=4, found ndim=2',
    );
  });
});
