/** Which net a file's weights are of, told by names and shapes alone. */
import * as tf from '@tensorflow/tfjs-core';
import { detectNet, getModel, listModels, type StateDict } from '../src/index.js';
import { entriesOf } from '../src/weights/entries.js';
import type { Framework } from '../src/weights/layouts.js';

beforeAll(() => tf.setBackend('wasm-cnn'));

/** Names and shapes as a framework has them; there is nothing in the arrays. */
function shapesOf(name: string, options: object, framework: Framework, rename = (key: string) => key): StateDict {
  const model = getModel(name, options);
  const dict = Object.fromEntries(
    entriesOf(model, framework).map((entry) => [rename(entry.name), { shape: entry.layout.shape, data: [] }]),
  );
  model.dispose();
  return dict;
}

const rows = listModels().flatMap(({ name, variants }) =>
  // LeNet of 1998 has other options, and weights that no framework has.
  variants.filter(({ variant }) => variant !== '1998').map(({ variant }): [string, string] => [name, variant]),
);

/** Those with names that nobody's files have. */
const untold = (name: string, variant: string) => variant === 'paper' && /^(alexNet|googLeNet|ninImageNet)$/.test(name);

test.each(rows)('%s, %s', (name, variant) => {
  const framework = variant === 'keras' && name !== 'cifarConvNet' ? 'keras' : 'torch';
  const found = detectNet(shapesOf(name, { variant, classes: 7 }, framework));
  if (untold(name, variant)) return void expect(found).toBeUndefined();
  expect(found).toMatchObject({ net: name, classes: 7, options: { classes: 7 }, framework });
  // The paper's weights have torchvision's names where both have the same layers.
  expect(['torch', 'paper', 'modern', 'keras']).toContain(found!.options['variant']);
  if (framework === 'keras') expect(found!.options['variant']).toBe('keras');
});

const channels = (shape: readonly unknown[]) => shape[2];

test.each([
  ['resNet18', { inputShape: [224, 224, 1], width: 32 }],
  ['resNet50', { variant: 'keras', includeTop: false }],
  ['vgg13', { batchNormalization: true, includeTop: false }],
  ['denseNet121', { inputShape: [64, 64, 4], classes: 3 }],
  ['mobileNetV1', { variant: 'keras', alpha: 0.5, classes: 4 }],
  ['mobileNetV2', { alpha: 0.35, classes: 4 }],
  ['mobileNetV2', { variant: 'keras', alpha: 1.4, includeTop: false }],
  ['squeezeNet1_0', { variant: 'keras', classes: 2 }],
  ['inceptionV3', { variant: 'keras', includeTop: false }],
  ['googLeNet', { auxiliary: true, classes: 5 }],
  ['cifarResNet32', { shortcut: 'B', width: 8 }],
  ['cifarResNet20', { preActivation: true }],
  ['cifarWideResNet', { depth: 16, widenFactor: 4 }],
  ['cifarDenseNet', { depth: 100, bottleneck: true, growthRate: 16 }],
  ['cifarDenseNetFast', { depth: 22, growthRate: 8 }],
  ['tinyDarknet', { classes: 12 }],
] as const)('the options of %s: %j', (name, options) => {
  const framework = (options as { variant?: string }).variant === 'keras' || /Fast|Darknet/.test(name) ? 'keras' : 'torch';
  const dict = shapesOf(name, options, framework);
  const found = detectNet(dict)!;
  expect(found.net).toBe(name);
  const { inputShape, ...others } = options as { inputShape?: readonly number[]; auxiliary?: boolean };
  if (inputShape) expect(channels(found.options['inputShape'] as number[])).toBe(channels(inputShape));
  // Auxiliary classifiers are left out unless somebody wants to train on.
  delete others.auxiliary;
  expect(found.options).toMatchObject(others);
  // What was found builds a net of these names and shapes.
  const again = shapesOf(
    name,
    { ...found.options, ...((options as { auxiliary?: boolean }).auxiliary && { auxiliary: true }) },
    framework,
  );
  expect(again).toEqual(dict);
});

describe('names of others', () => {
  test.each(['module.', 'model.', 'module._orig_mod.'])('%s before every name', (prefix) => {
    expect(detectNet(shapesOf('resNet34', {}, 'torch', (key) => prefix + key))).toMatchObject({ net: 'resNet34' });
  });

  test("torchvision's DenseNets of 2017", () => {
    const rename = (key: string) => key.replace(/(denselayer\d+\.(?:norm|conv))(\d)/, '$1.$2');
    expect(detectNet(shapesOf('denseNet169', {}, 'torch', rename))).toMatchObject({
      net: 'denseNet169',
      names: 'torchvision, before 0.3',
    });
  });

  test("timm's VGG", () => {
    const names: Record<string, string> = {
      'classifier.0': 'pre_logits.fc1',
      'classifier.3': 'pre_logits.fc2',
      'classifier.6': 'head.fc',
    };
    const rename = (key: string) => key.replace(/^classifier\.\d/, (part) => names[part]!);
    expect(detectNet(shapesOf('vgg16', {}, 'torch', rename))).toMatchObject({ net: 'vgg16', classes: 1000, names: 'timm' });
  });

  test("ResNets for CIFAR whose last layer is called as ImageNet's", () => {
    const rename = (key: string) => key.replace('linear', 'fc').replace('shortcut', 'downsample');
    const dict = shapesOf('cifarResNet56', { shortcut: 'B', classes: 100 }, 'torch', rename);
    expect(detectNet(dict)).toMatchObject({ net: 'cifarResNet56', classes: 100, options: { shortcut: 'B' } });
  });

  test("Keras's ResNet-50 of 2015", () => {
    const parts: Record<string, string> = { '0': '1', '1': '2a', '2': '2b', '3': '2c' };
    const rename = (key: string) =>
      key
        .replace(/^conv(\d)_block(\d)_(\d)_(conv|bn)/, (_, stage, block, part, kind) => {
          const letter = String.fromCharCode(96 + Number(block));
          return `${kind === 'bn' ? 'bn' : 'res'}${stage}${letter}_branch${parts[part as string]}`;
        })
        .replace('conv1_conv', 'conv1')
        .replace('conv1_bn', 'bn_conv1')
        .replace('predictions', 'fc1000');
    const dict = shapesOf('resNet50', { variant: 'keras' }, 'keras', rename);
    expect(Object.keys(dict)).toContain('res2a_branch2a/kernel');
    expect(detectNet(dict)).toMatchObject({ net: 'resNet50', classes: 1000, names: 'Keras Applications, before 2.2' });
  });

  test("Keras's layers with a slash, and another name of the last one", () => {
    const slashed = (key: string) => key.replace(/^conv1_(conv|bn)/, 'conv1/$1');
    expect(detectNet(shapesOf('denseNet121', { variant: 'keras' }, 'keras', slashed))).toMatchObject({ net: 'denseNet121' });
    const named = (key: string) => key.replace('predictions', 'Logits');
    expect(detectNet(shapesOf('mobileNetV2', { variant: 'keras' }, 'keras', named))).toMatchObject({
      net: 'mobileNetV2',
      classes: 1000,
    });
  });

  test.each(['inceptionV3', 'mlPerfTinyResNet8', 'tinyDarknet'])('%s by the order of numbers, wherever they begin', (name) => {
    const dict = shapesOf(name, { variant: 'keras' }, 'keras', (key) =>
      key.replace(/^(conv2d|batch_normalization)(?:_(\d+))?/, (_, kind, number) => `${kind}_${Number(number ?? 0) + 94}`),
    );
    expect(detectNet(dict)).toMatchObject({ net: name, options: { variant: 'keras' } });
  });

  test('a net within a net, with a head of its own', () => {
    const dict = shapesOf('mobileNetV1', { includeTop: false, alpha: 0.25 }, 'keras', (key) => `mobilenet_0.25/${key}`);
    const headed = { ...dict, 'dense/kernel': { shape: [256, 2], data: [] }, 'dense/bias': { shape: [2], data: [] } };
    expect(detectNet(headed)).toMatchObject({
      net: 'mobileNetV1',
      classes: undefined,
      options: { alpha: 0.25, includeTop: false },
    });
  });

  test.each(['resNet18', 'vgg11', 'denseNet121', 'squeezeNet1_1', 'cifarResNet20', 'googLeNet', 'leNet5'])(
    "torchvision's names in Keras's way: %s",
    (name) => {
      const found = detectNet(shapesOf(name, { inputShape: name === 'leNet5' ? [28, 28, 1] : undefined }, 'keras'));
      expect(found).toMatchObject({ net: name, framework: 'keras', names: 'tfjs-cnn' });
    },
  );

  test('what nobody knows', () => {
    expect(detectNet({})).toBeUndefined();
    expect(detectNet({ 'conv1.weight': { shape: [64, 3, 7, 7], data: [] } })).toBeUndefined();
    const odd = shapesOf('resNet18', {}, 'torch', (key) => key.replace('layer4.1', 'layer4.5'));
    expect(detectNet({ ...odd, 'layer4.6.conv1.weight': { shape: [1], data: [] } })).toBeUndefined();
  });
});
