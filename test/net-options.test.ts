/** What builders say of options that cannot be used, and that the sizes they name as the smallest are enough. */
import * as tf from '@tensorflow/tfjs-core';
import { getModel, leNet5, listModels, resNet } from '../src/index.js';

beforeAll(() => tf.setBackend('wasm-cnn'));

const others = listModels()
  .map(({ name }) => name)
  .filter((name) => name !== 'leNet5');

it.each(others)('%s refuses what is no picture, rate, name or set of options', (name) => {
  const refuses = (options: object | null, message: string) =>
    expect(() => getModel(name, options as object)).toThrow(`${name}: ${message}`);
  refuses({ inputShape: 32 }, 'inputShape must be [height, width, channels], of at least ');
  refuses({ inputShape: null }, 'inputShape must be [height, width, channels], of at least ');
  refuses({ inputShape: [Number.NaN, 32, 3] }, 'inputShape must be [height, width, channels], of at least ');
  refuses({ dropout: '0.5' }, 'dropout must be a number in [0, 1), got "0.5"');
  refuses({ name: 5 }, 'name must be a string, got 5');
  refuses({ name: '' }, 'name must be a string, got ""');
  refuses({ class: 10 }, "there is no option 'class'; there are variant, inputShape, classes, ");
});

it.each([
  ['resNet18', 'includeTop'],
  ['resNet18', 'recompute'],
  ['resNet50', 'zeroInitResidual'],
  ['vgg11', 'batchNormalization'],
  ['googLeNet', 'auxiliary'],
  ['cifarResNet20', 'preActivation'],
  ['cifarDenseNet', 'bottleneck'],
])("%s takes no word for its option %s: 'no' would count as true", (name, option) => {
  expect(() => getModel(name, { [option]: 'no' })).toThrow(`${name}: ${option} must be true or false, got "no"`);
});

it('resNet takes no words either', () => {
  expect(() => resNet({ depths: [1], bottleneck: 'no' as never })).toThrow('resNet: bottleneck must be true or false, got "no"');
});

it('leNet5 names the options it has, which are its own', () => {
  const refuses = (options: object, message: string) => expect(() => leNet5(options)).toThrow(`leNet5: ${message}`);
  refuses(
    { includeTop: false },
    "there is no option 'includeTop'; there are variant, inputShape, classes, activation, seed, name",
  );
  refuses({ variant: '1998', classes: 5 }, "there is no option 'classes'; there are variant, inputShape, seed, name");
  refuses({ classes: 0 }, 'classes must be a positive integer, got 0');
  refuses({ inputShape: [28, 28] }, 'inputShape must be [height, width, channels], got [28,28]');
  refuses({ inputShape: [28.5, 28, 1] }, 'inputShape must be [height, width, channels], got [28.5,28,1]');
  refuses({ seed: 'one' }, 'seed must be an integer, got "one"');
});

it('nets that flatten the picture do not promise to take any size', () => {
  const any = { inputShape: [null, null, 3] };
  for (const name of ['mnistConvNet', 'cifarConvNet', 'multilayerPerceptron']) {
    expect(() => getModel(name, any)).toThrow(/of at least \d+ x \d+ pixels, got \[null,null,3\]/);
  }
  expect(getModel('cifarConvNet', { ...any, includeTop: false }).outputs[0]!.shape).toEqual([null, null, null, 64]);
});

it('getModel of what is no name', () => {
  expect(() => getModel(5 as never)).toThrow("there is no net '5'; there are leNet5, ");
});

const withoutPads = ['alexNet', 'zfNet', 'googLeNet', 'inceptionV3', 'squeezeNet1_0', 'squeezeNet1_1', 'ninImageNet'];
const each = listModels()
  .filter(({ name }) => withoutPads.includes(name))
  .flatMap(({ name, variants }) => variants.map(({ variant }) => [name, variant] as const));

it.each(each)('%s (%s) leaves something of the smallest picture it takes, and nothing of a smaller one', (name, variant) => {
  const options = { variant, includeTop: false };
  const smallest = /of at least (\d+) x/.exec(messageOf(() => getModel(name, { ...options, inputShape: [1, 1, 3] })))![1];
  const size = Number(smallest);
  const [, height, width] = getModel(name, { ...options, inputShape: [size, size, 3] }).outputs[0]!.shape;
  expect([height, width]).toEqual([1, 1]);
});

function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('expected an error');
}
