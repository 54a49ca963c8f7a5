/** GoogLeNet, Inception v3, SqueezeNet, network in network: parameters, operations, shapes, options, one step of training. */
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import {
  googLeNet,
  inceptionV3,
  lossWeights,
  nin,
  ninImageNet,
  profile,
  setLossWeights,
  squeezeNet1_0,
  squeezeNet1_1,
  stateDict,
} from '../src/index.js';
import { outputsOf, parametersOf, trainsOnEveryBackend } from './nets.js';

beforeAll(() => tf.setBackend('wasm-cnn'));

/** The contract: [trained parameters, all, billions of multiply-accumulates where they are published]. */
it.each<[string, () => LayersModel, [number, number?, number?]]>([
  ['GoogLeNet', () => googLeNet(), [6_624_904, 6_639_464, 1.498]],
  ['GoogLeNet with auxiliary heads', () => googLeNet({ auxiliary: true }), [13_004_888]],
  ['GoogLeNet of the paper', () => googLeNet({ variant: 'paper' }), [6_998_552, 6_998_552]],
  ['the same with auxiliary heads', () => googLeNet({ variant: 'paper', auxiliary: true }), [13_378_280, 13_378_280]],
  ['Inception v3', () => inceptionV3(), [23_834_568, 23_869_000, 5.713]],
  ['Inception v3 with its auxiliary head', () => inceptionV3({ auxiliary: true }), [27_161_264]],
  ['Inception v3 of Keras', () => inceptionV3({ variant: 'keras' }), [23_817_352, 23_851_784]],
  ['SqueezeNet 1.0', () => squeezeNet1_0(), [1_248_424, 1_248_424, 0.819]],
  ['SqueezeNet 1.1', () => squeezeNet1_1(), [1_235_496, 1_235_496, 0.349]],
  // Sums of k k ci co + co over the layers of the authors' Caffe models.
  ['network in network', () => nin(), [966_986, 966_986]],
  ['network in network for ImageNet', () => ninImageNet(), [7_595_176, 7_595_176]],
])('%s has its parameters and operations', (_, build, [trainable, total, billions]) => {
  const model = build();
  const found = parametersOf(model);
  expect(found.trainable).toBe(trainable);
  if (total !== undefined) expect(found.total).toBe(total);
  if (billions !== undefined) expect(profile(model).macs / 1e9).toBeCloseTo(billions, 3);
  model.dispose();
});

it.each<[string, () => LayersModel, (number | null)[] | (number | null)[][]]>([
  ['GoogLeNet, the smallest picture', () => googLeNet({ inputShape: [15, 15, 3], width: 4 }), [null, 1000]],
  ['GoogLeNet without top', () => googLeNet({ includeTop: false, width: 8 }), [null, 7, 7, 128]],
  [
    'GoogLeNet without top, 80 x 50',
    () => googLeNet({ includeTop: false, inputShape: [80, 50, 1], width: 8 }),
    [null, 3, 2, 128],
  ],
  [
    'GoogLeNet of the paper with heads',
    () => googLeNet({ variant: 'paper', auxiliary: true, classes: 7, width: 4 }),
    [
      [null, 7],
      [null, 7],
      [null, 7],
    ],
  ],
  [
    'Inception v3 without top, any size',
    () => inceptionV3({ includeTop: false, inputShape: [null, null, 3], width: 4 }),
    [null, null, null, 256],
  ],
  [
    'Inception v3, the smallest picture',
    () => inceptionV3({ includeTop: false, inputShape: [75, 75, 3], width: 1 }),
    [null, 1, 1, 64],
  ],
  [
    'Inception v3 of Keras, pooled',
    () => inceptionV3({ variant: 'keras', includeTop: false, pooling: 'max', width: 2 }),
    [null, 128],
  ],
  ['SqueezeNet 1.0, the smallest picture', () => squeezeNet1_0({ inputShape: [21, 21, 3], width: 6, classes: 9 }), [null, 9]],
  ['SqueezeNet 1.1 without top', () => squeezeNet1_1({ includeTop: false, width: 8 }), [null, 13, 13, 64]],
  [
    'SqueezeNet 1.1, any size',
    () => squeezeNet1_1({ inputShape: [null, null, 3], classifierActivation: 'softmax' }),
    [null, 1000],
  ],
  ['SqueezeNet 1.1, the smallest picture', () => squeezeNet1_1({ inputShape: [17, 17, 3], width: 4, classes: 9 }), [null, 9]],
  ['network in network, the smallest picture', () => nin({ inputShape: [4, 4, 3], width: 4 }), [null, 10]],
  ['the same for ImageNet', () => ninImageNet({ inputShape: [39, 39, 3], width: 4 }), [null, 1000]],
  ['network in network without top', () => nin({ includeTop: false, width: 4 }), [null, 8, 8, 4]],
  ['network in network for 50 x 40', () => nin({ inputShape: [50, 40, 1], classes: 3, width: 4 }), [null, 3]],
  ['network in network for ImageNet', () => ninImageNet({ includeTop: false, pooling: 'avg', width: 8 }), [null, 32]],
])('%s gives its shape', (_, build, shape) => {
  expect(build().outputShape).toEqual(shape);
});

it('names what is valid where an option is wrong', () => {
  expect(() => googLeNet({ variant: 'keras' })).toThrow('googLeNet: variant must be one of "torch", "paper", got "keras"');
  expect(() => googLeNet({ inputShape: [14, 20, 3] })).toThrow(/googLeNet: inputShape must be .* at least 15 x 15 pixels/);
  expect(() => googLeNet({ variant: 'paper', auxiliary: true, inputShape: [78, 78, 3] })).toThrow(/at least 79 x 79 pixels/);
  expect(() => googLeNet({ auxiliary: 1 as never })).toThrow('googLeNet: auxiliary must be true or false, got 1');
  expect(() => googLeNet({ auxiliary: true, includeTop: false })).toThrow(
    'googLeNet: auxiliary must be false with includeTop: false',
  );
  expect(() => googLeNet({ auxiliaryDropout: 1 })).toThrow('googLeNet: auxiliaryDropout must be a number in [0, 1), got 1');
  expect(() => googLeNet({ width: 0 })).toThrow('googLeNet: width must be a positive integer, got 0');
  expect(() => inceptionV3({ variant: 'keras', auxiliary: true })).toThrow(
    "inceptionV3: there is no option 'auxiliary'; there are",
  );
  expect(() => inceptionV3({ inputShape: [74, 80, 3] })).toThrow(/at least 75 x 75 pixels/);
  expect(() => inceptionV3({ auxiliary: true, inputShape: [298, 299, 3] })).toThrow(/at least 299 x 299 pixels/);
  expect(() => squeezeNet1_0({ inputShape: [20, 21, 3] })).toThrow(/squeezeNet1_0: inputShape .* at least 21 x 21 pixels/);
  expect(() => squeezeNet1_1({ depth: 3 } as never)).toThrow(
    /squeezeNet1_1: there is no option 'depth'; there are variant, .*, width/,
  );
  expect(() => nin({ inputShape: [3, 32, 3] })).toThrow(/at least 4 x 4 pixels/);
  expect(() => ninImageNet({ inputShape: [38, 39, 3] })).toThrow(/at least 39 x 39 pixels/);
  expect(() => nin({ variant: 'torch' })).toThrow('nin: variant must be one of "paper", got "torch"');
});

it('weighs the losses of auxiliary heads as published, and as it is told', () => {
  const model = googLeNet({ auxiliary: true, width: 1 });
  expect(lossWeights(model)).toEqual([1, 0.3, 0.3]);
  expect(lossWeights(inceptionV3({ auxiliary: true, width: 1 }))).toEqual([1, 0.4]);
  expect(lossWeights(nin({ width: 1 }))).toEqual([1]);
  setLossWeights(model, [1, 0, 0.5]);
  expect(lossWeights(model)).toEqual([1, 0, 0.5]);
  expect(model.getUserDefinedMetadata()).toMatchObject({ net: 'googLeNet', variant: 'torch' });
  expect(() => setLossWeights(model, [1, 2])).toThrow(
    'setLossWeights: weights must be a number of 0 or more for each of the 3 outputs, got [1,2]',
  );
  expect(() => setLossWeights(model, [1, 2, -1])).toThrow('got [1,2,-1]');
});

it('begins alike from one seed, and no two convolutions of a net alike', async () => {
  const [a, b] = await Promise.all([1, 1].map((seed) => stateDict(inceptionV3({ width: 4, seed }))));
  for (const name of Object.keys(a!)) expect(b![name]!.data).toEqual(a![name]!.data);
  const kernels = Object.entries(a!).filter(([name]) => name.endsWith('conv.weight'));
  expect(kernels).toHaveLength(94);
  expect(new Set(kernels.map(([, { data }]) => data[0])).size).toBe(94);
});

it('computes twice what it computes once', () => {
  const options = { inputShape: [32, 32, 3], width: 8, classes: 4, seed: 1 } as const;
  const [once, twice] = [googLeNet(options), googLeNet({ ...options, recompute: true })];
  expect(outputsOf(twice)).toEqual(outputsOf(once));
});

trainsOnEveryBackend({
  googLeNet: () => googLeNet({ inputShape: [32, 32, 3], classes: 5, width: 3, auxiliary: true }),
  'googLeNet, computed twice': () => googLeNet({ inputShape: [32, 32, 3], classes: 5, width: 3, recompute: true }),
  'googLeNet of the paper': () => googLeNet({ variant: 'paper', inputShape: [79, 79, 3], classes: 5, width: 2, auxiliary: true }),
  inceptionV3: () => inceptionV3({ inputShape: [75, 75, 3], classes: 5, width: 2 }),
  'inceptionV3 of Keras': () => inceptionV3({ variant: 'keras', inputShape: [75, 75, 3], classes: 5, width: 1 }),
  squeezeNet1_0: () => squeezeNet1_0({ inputShape: [40, 40, 3], classes: 5, width: 12 }),
  squeezeNet1_1: () => squeezeNet1_1({ inputShape: [40, 40, 3], classes: 5, width: 8 }),
  nin: () => nin({ inputShape: [16, 16, 3], classes: 5, width: 8 }),
  ninImageNet: () => ninImageNet({ inputShape: [67, 67, 3], classes: 5, width: 4 }),
});
