/** AlexNet, ZFNet, VGG and the small nets: parameters, shapes, options, one step of training. */
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { alexNet, cifarConvNet, mnistConvNet, multilayerPerceptron, vgg11, vgg13, vgg16, vgg19, zfNet } from '../src/index.js';
import { parametersOf, trainsOnEveryBackend } from './nets.js';

beforeAll(() => tf.setBackend('wasm-cnn'));

it.each<[string, () => LayersModel, number]>([
  ['AlexNet', () => alexNet(), 61_100_840],
  ['AlexNet in two groups', () => alexNet({ variant: 'paper' }), 60_965_224],
  ['AlexNet ungrouped', () => alexNet({ variant: 'paper', groups: 1 }), 62_378_344],
  ['ZFNet', () => zfNet(), 62_357_608],
  ['ZFNet 512-1024-512', () => zfNet({ maps: [512, 1024, 512] }), 107_627_624],
  ['VGG-11', () => vgg11(), 132_863_336],
  ['VGG-11 BN', () => vgg11({ batchNormalization: true }), 132_868_840],
  ['VGG-13', () => vgg13(), 133_047_848],
  ['VGG-13 BN', () => vgg13({ batchNormalization: true }), 133_053_736],
  ['VGG-16', () => vgg16(), 138_357_544],
  ['VGG-16 BN', () => vgg16({ batchNormalization: true }), 138_365_992],
  ['VGG-16 of Keras', () => vgg16({ variant: 'keras' }), 138_357_544],
  ['VGG-19', () => vgg19(), 143_667_240],
  ['VGG-19 BN', () => vgg19({ batchNormalization: true }), 143_678_248],
  ['VGG-19 of Keras', () => vgg19({ variant: 'keras' }), 143_667_240],
  ["a course's net for MNIST", () => mnistConvNet(), 28_906],
  ["Keras's net for CIFAR-10", () => cifarConvNet(), 1_250_858],
  ['dense layers for MNIST', () => multilayerPerceptron(), 109_578],
])('%s has its parameters', (_, build, parameters) => {
  const model = build();
  expect(parametersOf(model).trainable).toBe(parameters);
  model.dispose();
});

it.each<[string, () => LayersModel, (number | null)[]]>([
  ['AlexNet, 100 x 80', () => alexNet({ inputShape: [100, 80, 3], classes: 7, width: 8 }), [null, 7]],
  ['AlexNet without top', () => alexNet({ includeTop: false, width: 8 }), [null, 6, 6, 32]],
  [
    'AlexNet without top, any size',
    () => alexNet({ includeTop: false, inputShape: [null, null, 3], width: 8 }),
    [null, null, null, 32],
  ],
  ['ZFNet without top', () => zfNet({ includeTop: false, width: 6 }), [null, 6, 6, 16]],
  ['VGG-11, 64 x 32', () => vgg11({ inputShape: [64, 32, 1], width: 4 }), [null, 1000]],
  [
    'VGG-16 without top, pooled',
    () => vgg16({ variant: 'keras', includeTop: false, pooling: 'avg', inputShape: [50, 50, 3], width: 4 }),
    [null, 32],
  ],
  ['VGG-16 without top, pooled by maxima', () => vgg16({ includeTop: false, pooling: 'max', width: 4 }), [null, 32]],
])('%s gives its shape', (_, build, shape) => {
  expect(build().outputShape).toEqual(shape);
});

it('names what is valid where an option is wrong', () => {
  expect(() => vgg16({ variant: 'caffe' as never })).toThrow(
    `vgg16: variant must be one of "torch", "keras", "paper", got "caffe"`,
  );
  expect(() => vgg16({ depth: 3 } as never)).toThrow(
    /vgg16: there is no option 'depth'; there are variant, inputShape, .*batchNormalization, width/,
  );
  expect(() => vgg16({ variant: 'keras', inputShape: [96, 96, 3] })).toThrow(
    'vgg16: inputShape must be [224, 224, channels] with includeTop; includeTop: false takes other sizes, got [96,96,3]',
  );
  expect(() => vgg11({ inputShape: [31, 32, 3] })).toThrow(
    /vgg11: inputShape must be .* at least 32 x 32 pixels .*got \[31,32,3\]/,
  );
  expect(() => vgg16({ variant: 'keras', batchNormalization: true })).toThrow(
    'vgg16: variant must be one of "torch", got "keras"',
  );
  expect(() => alexNet({ groups: 2 })).toThrow(/alexNet: there is no option 'groups'/);
  expect(() => alexNet({ variant: 'paper', groups: 3 as never })).toThrow('alexNet: groups must be one of 1, 2, got 3');
  expect(() => zfNet({ maps: [1, 2] as never })).toThrow('zfNet: maps must be three positive integers, got [1,2]');
  expect(() => zfNet({ width: 0 })).toThrow('zfNet: width must be a positive integer, got 0');
  expect(() => multilayerPerceptron({ units: [] })).toThrow(
    'multilayerPerceptron: units must be positive integers, one for each hidden layer, got []',
  );
  expect(() => mnistConvNet({ classes: 0 })).toThrow('mnistConvNet: classes must be a positive integer, got 0');
  expect(() => mnistConvNet({ dropout: 1 })).toThrow('mnistConvNet: dropout must be a number in [0, 1), got 1');
  expect(() => mnistConvNet({ seed: -1 })).toThrow('mnistConvNet: seed must be an integer in [0, 2^32), got -1');
});

trainsOnEveryBackend({
  alexNet: () => alexNet({ inputShape: [63, 63, 3], classes: 5, width: 4 }),
  'alexNet of the paper': () => alexNet({ variant: 'paper', classes: 5, width: 6 }),
  zfNet: () => zfNet({ classes: 5, width: 3 }),
  'vgg11 with batch normalisation': () => vgg11({ inputShape: [32, 32, 3], classes: 5, width: 2, batchNormalization: true }),
  'vgg16 of Keras': () => vgg16({ variant: 'keras', classes: 5, width: 1 }),
  mnistConvNet: () => mnistConvNet(),
  cifarConvNet: () => cifarConvNet(),
  multilayerPerceptron: () => multilayerPerceptron(),
});
