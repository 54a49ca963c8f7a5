/** The residual nets: parameters, multiply-accumulates, names, shapes, options, one step of training. */
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import {
  cifarResNet,
  cifarResNet20,
  cifarResNet32,
  cifarResNet44,
  cifarResNet56,
  cifarResNet110,
  cifarWideResNet,
  profile,
  resNet,
  resNet18,
  resNet34,
  resNet50,
  resNet50V2,
  resNet101,
  resNet101V2,
  resNet152,
  resNet152V2,
  resNeXt50_32x4d,
  resNeXt101_32x8d,
  wideResNet50_2,
  wideResNet101_2,
} from '../src/index.js';
import { entriesOf } from '../src/weights/entries.js';
import type { Framework } from '../src/weights/layouts.js';
import { parametersOf, trainsOnEveryBackend } from './nets.js';
import { sharedPath, testIf } from './requires.js';

beforeAll(() => tf.setBackend('wasm-cnn'));

const keras = { variant: 'keras' } as const;

describe('parameters and multiply-accumulates', () => {
  it.each<[string, () => LayersModel, number, number]>([
    ['ResNet-18', resNet18, 11_689_512, 1.814],
    ['ResNet-34', resNet34, 21_797_672, 3.664],
    ['ResNet-50', resNet50, 25_557_032, 4.089],
    ['ResNet-101', resNet101, 44_549_160, 7.801],
    ['ResNet-152', resNet152, 60_192_808, 11.514],
    ['ResNeXt-50 32x4d', resNeXt50_32x4d, 25_028_904, 4.23],
    ['ResNeXt-101 32x8d', resNeXt101_32x8d, 88_791_336, 16.414],
    ['Wide ResNet-50-2', wideResNet50_2, 68_883_240, 11.398],
    ['Wide ResNet-101-2', wideResNet101_2, 126_886_696, 22.753],
    // Three 1x1 convolutions see a quarter of v1.5's pixels: 3 * 3 / 4 * 56^2 * 256 * 128 less.
    ['ResNet-18 of the paper', () => resNet18({ variant: 'paper' }), 11_689_512, 1.814],
    ['ResNet-50 of the paper', () => resNet50({ variant: 'paper' }), 25_557_032, 3.858],
    ['ResNet-101 of the paper', () => resNet101({ variant: 'paper' }), 44_549_160, 7.57],
    ['ResNet-152 of the paper', () => resNet152({ variant: 'paper' }), 60_192_808, 11.282],
  ])('of %s', (_, build, parameters, gigaMacs) => {
    const model = build();
    expect(parametersOf(model).trainable).toBe(parameters);
    expect(profile(model).macs / 1e9).toBeCloseTo(gigaMacs, 3);
    model.dispose();
  });

  it.each<[string, () => LayersModel, number, number]>([
    ['ResNet50', () => resNet50(keras), 25_636_712, 25_583_592],
    ['ResNet101', () => resNet101(keras), 44_707_176, 44_601_832],
    ['ResNet152', () => resNet152(keras), 60_419_944, 60_268_520],
    ['ResNet50V2', resNet50V2, 25_613_800, 25_568_360],
    ['ResNet101V2', resNet101V2, 44_675_560, 44_577_896],
    ['ResNet152V2', resNet152V2, 60_380_648, 60_236_904],
  ])("of Keras's %s", (_, build, total, trainable) => {
    const model = build();
    expect(parametersOf(model)).toEqual({ total, trainable });
    model.dispose();
  });

  it.each<[string, () => LayersModel, number]>([
    ['ResNet-20 A', cifarResNet20, 269_722],
    ['ResNet-20 B', () => cifarResNet20({ shortcut: 'B' }), 272_474],
    ['ResNet-32 A', cifarResNet32, 464_154],
    ['ResNet-32 B', () => cifarResNet32({ shortcut: 'B' }), 466_906],
    ['ResNet-44 A', cifarResNet44, 658_586],
    ['ResNet-44 B', () => cifarResNet44({ shortcut: 'B' }), 661_338],
    ['ResNet-56 A', cifarResNet56, 853_018],
    ['ResNet-56 B', () => cifarResNet56({ shortcut: 'B' }), 855_770],
    ['ResNet-110 A', cifarResNet110, 1_727_962],
    ['ResNet-110 B', () => cifarResNet110({ shortcut: 'B' }), 1_730_714],
    ['WRN-16-8', () => cifarWideResNet({ depth: 16, widenFactor: 8 }), 10_961_370],
    ['WRN-28-10', cifarWideResNet, 36_479_194],
  ])('of %s for CIFAR', (_, build, parameters) => {
    const model = build();
    expect(parametersOf(model).trainable).toBe(parameters);
    model.dispose();
  });

  it('of a net by its configuration', () => {
    const model = resNet({ depths: [3, 4, 6, 3], groups: 32, groupWidth: 4 });
    expect(parametersOf(model).trainable).toBe(25_028_904);
    expect(parametersOf(cifarResNet({ depth: 20 })).trainable).toBe(269_722);
  });
});

const namesOf = (model: LayersModel, framework: Framework) => entriesOf(model, framework).map(({ name }) => name);

describe('names', () => {
  testIf('golden', 'are those of torchvision and Keras', () => {
    type Golden = Record<string, { train: { gradients: object; buffers: object } }>;
    const read = (file: string) => JSON.parse(readFileSync(sharedPath('golden', file), 'utf8')) as Golden;
    const torchvision = read('torchvision.json');
    const applications = read('keras.json');
    const golden = (net: Golden[string]) => [...Object.keys(net.train.gradients), ...Object.keys(net.train.buffers)].sort();
    expect(namesOf(resNet18({ width: 1 }), 'torch').sort()).toEqual(golden(torchvision['resnet18']!));
    expect(namesOf(resNet50({ width: 1 }), 'torch').sort()).toEqual(golden(torchvision['resnet50']!));
    expect(namesOf(resNeXt50_32x4d({ width: 16 }), 'torch').sort()).toEqual(golden(torchvision['resnext50_32x4d']!));
    expect(namesOf(resNet50({ ...keras, width: 1 }), 'keras').sort()).toEqual(golden(applications['ResNet50']!));
    expect(namesOf(resNet50V2({ width: 1 }), 'keras').sort()).toEqual(golden(applications['ResNet50V2']!));
  });

  it('of CIFAR ResNets are those of the checkpoints there are', () => {
    const resNetNames = namesOf(cifarResNet20({ shortcut: 'B' }), 'torch');
    expect(resNetNames).toEqual(
      expect.arrayContaining([
        'conv1.weight',
        'bn1.running_var',
        'layer1.0.conv1.weight',
        'layer2.0.shortcut.0.weight',
        'linear.bias',
      ]),
    );
    const wideNames = namesOf(cifarWideResNet({ depth: 10, widenFactor: 1 }), 'torch');
    expect(wideNames).toEqual(
      expect.arrayContaining([
        'conv1.weight',
        'block1.layer.0.bn1.bias',
        'block2.layer.0.convShortcut.weight',
        'bn1.weight',
        'fc.weight',
      ]),
    );
    expect(wideNames).not.toContain('block1.layer.0.convShortcut.weight');
  });
});

it.each<[string, () => LayersModel, (number | null)[]]>([
  ['ResNet-18, 33 x 70', () => resNet18({ inputShape: [33, 70, 1], classes: 7, width: 4 }), [null, 7]],
  ['ResNet-18 without top', () => resNet18({ includeTop: false, inputShape: [65, 64, 3], width: 4 }), [null, 3, 2, 32]],
  [
    'ResNet-50 of the paper without top',
    () => resNet50({ variant: 'paper', includeTop: false, inputShape: [65, 64, 3], width: 4 }),
    [null, 3, 2, 128],
  ],
  [
    'ResNet50 of Keras without top',
    () => resNet50({ ...keras, includeTop: false, inputShape: [65, 64, 3], width: 4 }),
    [null, 3, 2, 128],
  ],
  ['ResNet50V2 without top', () => resNet50V2({ includeTop: false, inputShape: [65, 64, 3], width: 4 }), [null, 3, 2, 128]],
  [
    'ResNet50V2 of any size',
    () => resNet50V2({ includeTop: false, inputShape: [null, null, 3], width: 4 }),
    [null, null, null, 128],
  ],
  [
    'ResNet50V2 of any size, pooled',
    () => resNet50V2({ includeTop: false, pooling: 'max', inputShape: [null, null, 3], width: 4 }),
    [null, 128],
  ],
  ['a ResNet of two stages', () => resNet({ depths: [1, 2], bottleneck: false, includeTop: false, width: 4 }), [null, 28, 28, 8]],
  ['CIFAR ResNet-8, 31 x 16', () => cifarResNet({ depth: 8, includeTop: false, inputShape: [31, 16, 3] }), [null, 8, 4, 64]],
  ['WRN-10-2', () => cifarWideResNet({ depth: 10, widenFactor: 2, includeTop: false, pooling: 'avg' }), [null, 128]],
])('%s gives its shape', (_, build, shape) => {
  expect(build().outputShape).toEqual(shape);
});

describe('options', () => {
  const kernelsOf = (model: LayersModel) =>
    model.weights.filter(({ name }) => name.includes('kernel')).map((weight) => weight.read().dataSync() as Float32Array);

  it('seed: equal seeds give equal nets, in which no two convolutions begin alike', () => {
    const build = (seed: number) => kernelsOf(cifarResNet({ depth: 14, width: 4, seed }));
    const kernels = build(3);
    expect(build(3)).toEqual(kernels);
    expect(build(4)).not.toEqual(kernels);
    expect(new Set(kernels.map(([first]) => first)).size).toBe(kernels.length);
  });

  it('initializer: begins every kernel', () => {
    const model = resNet50({ width: 1, classes: 2, initializer: { className: 'Constant', config: { value: 0.5 } } });
    for (const kernel of kernelsOf(model)) expect(new Set(kernel)).toEqual(new Set([0.5]));
  });

  it('variant: begins as the original does', () => {
    const start = (model: LayersModel) => {
      const [kernel, bias] = model.layers
        .at(-1)!
        .getWeights()
        .map((weight) => tf.max(tf.abs(weight)).dataSync()[0]!);
      return { kernel: kernel!, bias: bias! };
    };
    // PyTorch: both uniform within 1 / sqrt(512); Keras: the kernel within sqrt(6 / (2048 + 1000)). Largest of 1000 and more.
    const torch = start(resNet18({ seed: 1 }));
    expect(torch.kernel).toBeCloseTo(512 ** -0.5, 4);
    expect(torch.bias).toBeCloseTo(512 ** -0.5, 3);
    const ofKeras = start(resNet50({ ...keras, seed: 1 }));
    expect(ofKeras.kernel).toBeCloseTo(Math.sqrt(6 / 3048), 4);
    expect(ofKeras.bias).toBe(0);
  });

  it('zeroInitResidual: every block begins as its shortcut', () => {
    const gammas = (zeroInitResidual: boolean) =>
      resNet50({ width: 2, zeroInitResidual }).weights.filter((weight) => /bn3\/gamma/.test(weight.name));
    for (const gamma of gammas(true)) expect(new Set(gamma.read().dataSync())).toEqual(new Set([0]));
    for (const gamma of gammas(false)) expect(new Set(gamma.read().dataSync())).toEqual(new Set([1]));
  });

  it('classifierActivation: what the originals end in', () => {
    const sum = (model: LayersModel) => tf.sum(model.apply(tf.ones([1, 32, 32, 3])) as tf.Tensor).dataSync()[0]!;
    const inputShape = [32, 32, 3] as const;
    expect(sum(resNet50({ ...keras, inputShape, width: 2 }))).toBeCloseTo(1, 5);
    expect(resNet50({ inputShape, width: 2 }).layers.at(-1)!.getConfig()['activation']).toBe('linear');
  });

  it('dropout: before the classifier, in Wide ResNets in each block', () => {
    const rates = (model: LayersModel) => {
      const layers = model.layers.flatMap((layer) => ('parts' in layer ? (layer.parts as typeof model.layers) : [layer]));
      return layers.filter((layer) => layer.getClassName() === 'CnnDropout').map((layer) => layer.getConfig()['rate']);
    };
    expect(rates(resNet18({ width: 1, dropout: 0.4 }))).toEqual([0.4]);
    expect(rates(cifarWideResNet({ depth: 10, widenFactor: 1, dropout: 0.3 }))).toEqual([0.3, 0.3, 0.3]);
    expect(rates(cifarWideResNet({ depth: 10, widenFactor: 1 }))).toEqual([]);
  });

  it('names what is valid where one is wrong', () => {
    expect(() => resNet18({ variant: 'keras' })).toThrow('resNet18: variant must be one of "torch", "paper", got "keras"');
    expect(() => resNet50V2({ variant: 'torch' })).toThrow('resNet50V2: variant must be one of "keras", "paper", got "torch"');
    expect(() => resNeXt50_32x4d(keras)).toThrow('resNeXt50_32x4d: variant must be one of "torch", got "keras"');
    expect(() => resNet50({ inputShape: [31, 32, 3] })).toThrow(
      /resNet50: inputShape must be .*at least 32 x 32.*got \[31,32,3\]/,
    );
    expect(() => resNet50({ depths: [1] } as never)).toThrow(/resNet50: there is no option 'depths'; there are variant, /);
    expect(() => resNet50({ width: 0.5 })).toThrow('resNet50: width must be a positive integer, got 0.5');
    expect(() => resNet50V2({ zeroInitResidual: true, width: 1 })).toThrow('zeroInitResidual must be false with preActivation');
    expect(() => resNeXt50_32x4d({ width: 8 })).toThrow(
      'resNeXt50_32x4d: width must be such that width * 4 / 64, the channels of a group, is whole, got 8',
    );
    expect(() => resNet({ depths: [] })).toThrow('resNet: depths must be positive integers, the blocks of each stage, got []');
    expect(() => resNet({ depths: [1], bottleneck: false, groups: 2 })).toThrow(
      'resNet: bottleneck must be true with groups or groupWidth, got false',
    );
    expect(() => resNet({ depths: [1], depth: 3 } as never)).toThrow(/there is no option 'depth'; .*depths, bottleneck, groups/);
    expect(() => cifarResNet({ depth: 21 })).toThrow('cifarResNet: depth must be 8, 14, 20 or another 6n + 2, got 21');
    expect(() => cifarResNet20({ shortcut: 'C' as 'A' })).toThrow('cifarResNet20: shortcut must be one of "A", "B", got "C"');
    expect(() => cifarResNet20({ width: -1 })).toThrow('cifarResNet20: width must be a positive integer, got -1');
    expect(() => cifarWideResNet({ depth: 20 })).toThrow('cifarWideResNet: depth must be 10, 16, 22 or another 6n + 4, got 20');
    expect(() => cifarWideResNet({ widenFactor: 0 })).toThrow('cifarWideResNet: widenFactor must be a positive integer, got 0');
  });
});

const small = { inputShape: [32, 32, 3], classes: 5 } as const;

trainsOnEveryBackend({
  resNet18: () => resNet18({ ...small, width: 2, zeroInitResidual: true, dropout: 0.2 }),
  'resNet50, recomputing': () => resNet50({ ...small, width: 2, recompute: true }),
  'resNet50 of Keras': () => resNet50({ ...small, ...keras, classifierActivation: 'linear', width: 2 }),
  'resNet50 of the paper': () => resNet50({ ...small, variant: 'paper', width: 2 }),
  resNet50V2: () => resNet50V2({ ...small, classifierActivation: 'linear', width: 2 }),
  'resNet50V2 of the paper': () => resNet50V2({ ...small, variant: 'paper', width: 2, recompute: true }),
  resNeXt: () => resNet({ ...small, depths: [1, 1], groups: 32, groupWidth: 4, width: 16 }),
  'wide resNet': () => resNet({ ...small, depths: [1, 1], groupWidth: 128, width: 2 }),
  'cifarResNet with A': () => cifarResNet({ depth: 8, width: 4, classes: 5, recompute: true }),
  'cifarResNet with B and preActivation': () =>
    cifarResNet({ depth: 8, width: 4, classes: 5, shortcut: 'B', preActivation: true }),
  'cifarWideResNet with dropout': () => cifarWideResNet({ depth: 10, widenFactor: 1, classes: 5, dropout: 0.3, recompute: true }),
});
