/** The catalogue says what the nets are. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { ArgumentError, getModel, listModels, type ModelInfo, modelInfo, profile, type VariantInfo } from '../src/index.js';

beforeAll(() => tf.setBackend('wasm-cnn'));

const folder = join(__dirname, '../src/zoo');
const sources = readdirSync(folder)
  .map((file) => readFileSync(join(folder, file), 'utf8'))
  .join('\n');

const rows = listModels().flatMap((model) =>
  model.variants.map((variant): [string, string, ModelInfo, VariantInfo] => [model.name, variant.variant, model, variant]),
);

it.each(rows)('%s, %s: parameters, multiply-accumulates, shapes', (name, variant, { inputShape, classes, variants }, info) => {
  const options = variants[0].variant === variant ? {} : { variant };
  const model = getModel(name, options);
  const { parameters, macs } = profile(model);
  expect({ parameters: parameters.trainable, macs }).toEqual({ parameters: info.parameters, macs: info.macs });
  expect(model.inputs[0]!.shape.slice(1)).toEqual(info.inputShape ?? inputShape);
  expect([model.outputShape].flat().at(-1)).toBe(classes);
  expect(info.preprocessing.mean).toHaveLength(inputShape[2]);
  expect(info.preprocessing.deviation).toHaveLength(inputShape[2]);
  model.dispose();
});

it.each(rows)('%s, %s: the builder says how many parameters', (name, _, __, { parameters }) => {
  const [, doc] = new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\nexport (?:const|function) ${name}\\b`).exec(sources)!;
  expect(doc).toContain(parameters.toLocaleString('en-US'));
});

/** What torchvision prints of its nets. */
it.each([
  ['alexNet', 0.714],
  ['vgg11', 7.609],
  ['vgg13', 11.308],
  ['vgg16', 15.47],
  ['vgg19', 19.632],
  ['googLeNet', 1.498],
  ['inceptionV3', 5.713],
  ['resNet18', 1.814],
  ['resNet34', 3.664],
  ['resNet50', 4.089],
  ['resNet101', 7.801],
  ['resNet152', 11.514],
  ['resNeXt50_32x4d', 4.23],
  ['resNeXt101_32x8d', 16.414],
  ['wideResNet50_2', 11.398],
  ['wideResNet101_2', 22.753],
  ['denseNet121', 2.834],
  ['denseNet161', 7.728],
  ['denseNet169', 3.36],
  ['denseNet201', 4.291],
  ['squeezeNet1_0', 0.819],
  ['squeezeNet1_1', 0.349],
  ['mobileNetV2', 0.301],
])('%s has the multiply-accumulates of torchvision', (name, giga) => {
  const [variant] = modelInfo(name).variants;
  expect([variant.variant, Number((variant.macs / 1e9).toFixed(3))]).toEqual(['torch', giga]);
});

it.each(['resNet50', 'resnet50', 'ResNet-50', 'res_net_50'])('%s names resNet50', (name) => {
  expect(modelInfo(name).name).toBe('resNet50');
});

it('hands the options on', () => {
  const model = getModel('cifar-resnet20', { classes: 3, shortcut: 'B' });
  expect([model.name, model.outputShape]).toEqual(['cifarResNet20', [null, 3]]);
  expect(() => getModel('resnet50', { shortcut: 'B' })).toThrow(/resNet50: there is no option 'shortcut'; there are variant, /);
});

it('lists the names for one that it does not know', () => {
  expect(() => getModel('resnet51')).toThrow(ArgumentError);
  expect(() => modelInfo('resnet51')).toThrow(/there is no net 'resnet51'; there are leNet5, .*, resNet50, .*denseNet121/);
});
