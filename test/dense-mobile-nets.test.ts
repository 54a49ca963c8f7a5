/** DenseNets and MobileNets: parameters, multiply-accumulates, shapes, options, names, one step of training. */
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import {
  cifarDenseNet,
  denseNet,
  denseNet121,
  denseNet161,
  denseNet169,
  denseNet201,
  layers,
  mobileNetV1,
  mobileNetV2,
  profile,
} from '../src/index.js';
import type { Framework } from '../src/weights/layouts.js';
import { fill, type GoldenNet, logitsDeviation, stepDeviation } from './golden-nets.js';
import { parametersOf, trainsOnEveryBackend } from './nets.js';

beforeAll(() => tf.setBackend('wasm-cnn'));

/** Numbers in the weights; multiply-accumulates in 10^9, as torchvision states them. */
interface Counts {
  readonly trainable: number;
  readonly total?: number;
  readonly gigaMacs?: number;
}

const keras = { variant: 'keras' } as const;

it.each<[string, () => LayersModel, Counts]>([
  ['DenseNet-121', () => denseNet121(), { trainable: 7_978_856, gigaMacs: 2.834 }],
  ['DenseNet-121 of Keras', () => denseNet121(keras), { trainable: 7_978_856, total: 8_062_504 }],
  ['DenseNet-161', () => denseNet161(), { trainable: 28_681_000, gigaMacs: 7.728 }],
  ['DenseNet-169', () => denseNet169(), { trainable: 14_149_480, gigaMacs: 3.36 }],
  ['DenseNet-169 of Keras', () => denseNet169(keras), { trainable: 14_149_480, total: 14_307_880 }],
  ['DenseNet-201', () => denseNet201(), { trainable: 20_013_928, gigaMacs: 4.291 }],
  ['DenseNet-201 of Keras', () => denseNet201(keras), { trainable: 20_013_928, total: 20_242_984 }],
  ['DenseNet of its own', () => denseNet({ blocks: [6, 12, 24, 16] }), { trainable: 7_978_856 }],
  ['DenseNet L = 40, k = 12', () => cifarDenseNet(), { trainable: 1_019_722 }],
  ['DenseNet-BC L = 100, k = 12', () => cifarDenseNet({ depth: 100, bottleneck: true }), { trainable: 769_162 }],
  [
    'DenseNet-BC L = 190, k = 40',
    () => cifarDenseNet({ depth: 190, growthRate: 40, bottleneck: true }),
    { trainable: 25_624_430 },
  ],
  ['MobileNetV1', () => mobileNetV1(), { trainable: 4_231_976, total: 4_253_864, gigaMacs: 0.569 }],
  ['MobileNetV1, a quarter', () => mobileNetV1({ alpha: 0.25 }), { trainable: 470_072, total: 475_544 }],
  ['MobileNetV2', () => mobileNetV2(), { trainable: 3_504_872, gigaMacs: 0.301 }],
  ['MobileNetV2, a third', () => mobileNetV2({ alpha: 0.35 }), { trainable: 1_677_128 }],
  ['MobileNetV2 of Keras', () => mobileNetV2(keras), { trainable: 3_504_872, total: 3_538_984 }],
  ['MobileNetV2 of Keras, wider', () => mobileNetV2({ ...keras, alpha: 1.4 }), { trainable: 6_108_776, total: 6_156_712 }],
])('%s has its parameters', (_, build, { trainable, total, gigaMacs }) => {
  const model = build();
  const counted = parametersOf(model);
  expect(counted.trainable).toBe(trainable);
  if (total) expect(counted.total).toBe(total);
  if (gigaMacs) expect(Math.round(profile(model).macs / 1e6) / 1e3).toBe(gigaMacs);
  model.dispose();
});

/** torchvision 0.29's and Keras 3.15's MobileNetV2, filled and run in float64 like the nets of the golden files. */
const mobileNetsV2: [string, Framework, () => LayersModel, GoldenNet][] = [
  [
    'torchvision',
    'torch',
    () => mobileNetV2({ dropout: 0 }),
    {
      gain: 6.0,
      parameters: 3504872,
      eval: {
        input: [2, 224, 224, 3],
        logits: {
          first: [
            1.25974981, -4.74406085, 1.99465651, -7.98183267, -2.82522313, -6.36405145, -4.0561454, -0.541918653, 0.995626241,
            1.02646318, 1.77749081, -4.56141671, 1.59567754, -8.36673942, -2.74253687, -6.30552462, -3.40539693, -0.809551358,
            1.76401872, 0.898135946,
          ],
          sum: 39.7137696,
          absSum: 5186.80876,
          argmax: [386, 386],
        },
      },
      train: {
        input: [4, 96, 96, 3],
        loss: 7.24355691,
        gradients: {
          'features.0.0.weight': [48.2461367, -0.0200093496, 2.54058304],
          'features.1.conv.0.0.weight': [22.893416, -3.75120219, 0.65211144],
          'features.2.conv.1.0.weight': [16.1668553, 0.214448574, -0.972523711],
          'features.17.conv.2.weight': [3.76049353, 0.002980422, 0.0042097109],
          'features.18.1.weight': [0.318307206, 0.0145418271, 0.0137572339],
          'classifier.1.weight': [7.95171996, 0.000410801899, 0.000498036195],
        },
        buffers: {
          'features.2.conv.3.running_var': [4.89725019, 0.531279522, 0.637160989],
          'features.18.1.running_mean': [1.87963188, -0.0618611702, 0.000907199771],
        },
      },
    },
  ],
  [
    'Keras',
    'keras',
    () => mobileNetV2({ variant: 'keras', classifierActivation: 'linear' }),
    {
      gain: 6.0,
      parameters: 3538984,
      eval: {
        input: [2, 224, 224, 3],
        logits: {
          first: [
            -2.46544495, 0.650550632, 4.14306884, -3.06776698, -4.78190968, 2.02329023, 3.05345626, -0.949717187, 4.01935117,
            -5.80055535, -3.16059103, -0.251957806, 3.61495047, -2.48820837, -4.31496594, 1.8848669, 3.89480109, -1.50179192,
            4.39116948, -5.65814316,
          ],
          sum: -134.128841,
          absSum: 5289.34547,
          argmax: [414, 275],
        },
      },
      train: {
        input: [2, 224, 224, 3],
        loss: 7.19498616,
        gradients: {
          'Conv1/kernel': [25.8487822, 0.972696542, -0.743301274],
          'expanded_conv_depthwise/kernel': [11.9220627, 0.390610691, 0.0722649117],
          'block_1_depthwise/kernel': [7.96235906, -0.153255393, 0.138303051],
          'block_16_project/kernel': [1.95010498, -0.000558427989, -0.00123411395],
          'Conv_1_bn/gamma': [0.394426675, -0.0122907339, -0.015913751],
          'predictions/kernel': [10.3746795, 0.000398519711, 0.000348877889],
        },
        buffers: {
          'block_1_project_BN/moving_variance': [5.04683676, 0.986950457, 1.25155747],
          'Conv_1_bn/moving_mean': [2.06846252, 0.00341161038, -0.0484944955],
        },
      },
    },
  ],
];

describe.each(mobileNetsV2)('MobileNetV2 of %s', (_, framework, build, golden) => {
  it('gives its logits, loss, gradients and moving statistics', () => {
    const model = build();
    fill(model, framework, golden.gain);
    const { deviation, argmax } = logitsDeviation(model, golden);
    expect(deviation).toBeLessThan(1e-4);
    expect(argmax).toEqual(golden.eval.logits.argmax);
    const { loss, gradients, buffers } = stepDeviation(model, framework, golden);
    expect(loss).toBeLessThan(1e-5);
    expect(gradients).toHaveLength(Object.keys(golden.train.gradients).length);
    // Kinks, as in the golden nets: a value within rounding of 0 or 6 falls to the other side.
    for (const { norm, values } of gradients) {
      expect(norm).toBeLessThan(2e-2);
      expect(values).toBeLessThan(5e-2);
    }
    expect(buffers).toHaveLength(Object.keys(golden.train.buffers).length);
    for (const { norm, values } of buffers) expect(Math.max(norm, values)).toBeLessThan(1e-4);
    model.dispose();
  }, 120_000);
});

it.each<[string, () => LayersModel, (number | null)[]]>([
  ['DenseNet, 64 x 40', () => denseNet({ blocks: [1, 1, 1, 1], growthRate: 4, inputShape: [64, 40, 1], classes: 7 }), [null, 7]],
  [
    'DenseNet without top, any size',
    () => denseNet({ blocks: [2, 1], growthRate: 4, includeTop: false, inputShape: [null, null, 3] }),
    [null, null, null, 12],
  ],
  [
    'DenseNet without top, pooled',
    () => denseNet({ blocks: [2, 1], growthRate: 4, includeTop: false, pooling: 'max', variant: 'keras' }),
    [null, 12],
  ],
  ['DenseNet-121 without top', () => denseNet121({ includeTop: false, inputShape: [96, 64, 3] }), [null, 3, 2, 1024]],
  ['DenseNet for CIFAR without top', () => cifarDenseNet({ depth: 10, includeTop: false }), [null, 8, 8, 88]],
  ['MobileNetV1, 50 x 33', () => mobileNetV1({ alpha: 0.1, inputShape: [50, 33, 3], includeTop: false }), [null, 1, 1, 102]],
  ['MobileNetV1 of a size to come', () => mobileNetV1({ alpha: 0.1, inputShape: [null, null, 3], classes: 5 }), [null, 5]],
  ['MobileNetV1 without top, pooled', () => mobileNetV1({ alpha: 0.1, includeTop: false, pooling: 'avg' }), [null, 102]],
  ['MobileNetV2, 33 x 65', () => mobileNetV2({ alpha: 0.1, inputShape: [33, 65, 3], includeTop: false }), [null, 2, 3, 1280]],
  [
    'MobileNetV2 of Keras, 33 x 65',
    () => mobileNetV2({ variant: 'keras', alpha: 0.1, inputShape: [33, 65, 3], includeTop: false }),
    [null, 2, 3, 1280],
  ],
  [
    'MobileNetV2 of a size to come',
    () => mobileNetV2({ variant: 'keras', alpha: 0.1, inputShape: [null, null, 3] }),
    [null, 1000],
  ],
])('%s gives its shape', (_, build, shape) => {
  expect(build().outputShape).toEqual(shape);
});

it('MobileNetV2 of Keras pads as Keras does where sizes are odd or open', () => {
  const sizes = (height: number | null, side: number) => {
    const model = mobileNetV2({ variant: 'keras', alpha: 0.1, inputShape: [height, height, 3], includeTop: false });
    return tf.tidy(() => (model.apply(tf.zeros([1, side, side, 3])) as tf.Tensor).shape);
  };
  // 33, 17, 9, 5, 3, 2; open: 33, 17, 8, 4, 2, 1.
  expect(sizes(33, 33)).toEqual([1, 2, 2, 1280]);
  expect(sizes(null, 33)).toEqual([1, 1, 1, 1280]);
});

it('equal seeds give equal nets', () => {
  const values = (seed: number) =>
    cifarDenseNet({ depth: 10, growthRate: 4, seed })
      .getWeights()
      .map((weight) => weight.dataSync());
  expect(values(3)).toEqual(values(3));
  expect(values(3)).not.toEqual(values(4));
});

it('dropout comes where the originals have it', () => {
  const names = (model: LayersModel) => {
    const inside = model.layers.flatMap((layer) => (layer instanceof layers.Block ? layer.parts : []));
    const all = inside.flatMap((layer) => (layer instanceof layers.Block ? layer.parts : [layer]));
    return [...model.layers, ...all].filter((layer) => layer instanceof layers.Dropout).map(({ name }) => name);
  };
  expect(names(denseNet({ blocks: [1, 1], growthRate: 4, dropout: 0.1 }))).toEqual([
    'features.denseblock1.denselayer1.dropout2',
    'features.denseblock2.denselayer1.dropout2',
  ]);
  expect(names(cifarDenseNet({ depth: 10, bottleneck: true, dropout: 0.2 }))).toEqual([
    'features.denseblock1.denselayer1.dropout1',
    'features.denseblock1.denselayer1.dropout2',
    'features.transition1.dropout',
    'features.denseblock2.denselayer1.dropout1',
    'features.denseblock2.denselayer1.dropout2',
    'features.transition2.dropout',
    'features.denseblock3.denselayer1.dropout1',
    'features.denseblock3.denselayer1.dropout2',
  ]);
  expect(names(mobileNetV1({ alpha: 0.1 }))).toEqual(['dropout']);
  expect(names(mobileNetV2({ alpha: 0.1 }))).toEqual(['dropout']);
  expect(names(mobileNetV2({ alpha: 0.1, variant: 'keras' }))).toEqual([]);
});

it('names what is valid where an option is wrong', () => {
  expect(() => denseNet161({ variant: 'keras' })).toThrow('denseNet161: variant must be one of "torch", got "keras"');
  expect(() => denseNet121({ inputShape: [31, 32, 3] })).toThrow(/denseNet121: inputShape must be .* at least 32 x 32 pixels/);
  expect(() => denseNet({ blocks: [] })).toThrow('denseNet: blocks must be positive integers, one for each dense block, got []');
  expect(() => denseNet({ blocks: [1], growthRate: 0 })).toThrow('denseNet: growthRate must be a positive integer, got 0');
  expect(() => cifarDenseNet({ depth: 41 })).toThrow('cifarDenseNet: depth must be 7, 10, 13 or another 3n + 4, got 41');
  expect(() => cifarDenseNet({ depth: 40.5, bottleneck: true })).toThrow('depth must be 10, 16, 22 or another 6n + 4');
  expect(() => cifarDenseNet({ alpha: 1 } as never)).toThrow(
    /there is no option 'alpha'; there are .*depth, growthRate, bottleneck, compression/,
  );
  expect(() => cifarDenseNet({ compression: 2 })).toThrow('compression must be a number in (0, 1], got 2');
  expect(() => mobileNetV1({ alpha: 0 })).toThrow('mobileNetV1: alpha must be a finite number above 0, got 0');
  expect(() => mobileNetV1({ depthMultiplier: 0 })).toThrow('depthMultiplier must be a positive integer, got 0');
  expect(() => mobileNetV1({ variant: 'torch' })).toThrow('mobileNetV1: variant must be one of "keras", got "torch"');
  expect(() => mobileNetV2({ variant: 'paper' })).toThrow('mobileNetV2: variant must be one of "torch", "keras", got "paper"');
  expect(() => mobileNetV2({ alpha: Number.NaN })).toThrow('mobileNetV2: alpha must be a finite number above 0, got NaN');
});

trainsOnEveryBackend({
  denseNet: () => denseNet({ blocks: [2, 2], growthRate: 4, inputShape: [16, 16, 3], classes: 5, dropout: 0.2 }),
  'denseNet of Keras, computing twice': () =>
    denseNet({ variant: 'keras', blocks: [2, 2], growthRate: 4, inputShape: [16, 16, 3], classes: 5, recompute: true }),
  cifarDenseNet: () =>
    cifarDenseNet({ depth: 16, bottleneck: true, growthRate: 4, inputShape: [8, 8, 3], recompute: true, dropout: 0.2 }),
  mobileNetV1: () => mobileNetV1({ alpha: 0.1, inputShape: [32, 32, 3], classes: 5 }),
  mobileNetV2: () => mobileNetV2({ alpha: 0.1, inputShape: [32, 32, 3], classes: 5 }),
  'mobileNetV2 of Keras, computing twice': () =>
    mobileNetV2({ variant: 'keras', alpha: 0.1, inputShape: [32, 32, 3], classes: 5, recompute: true }),
});
