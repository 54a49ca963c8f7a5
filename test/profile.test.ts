/** What a net costs, counted by hand and by others. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { formatProfile, layers, leNet5, type ModelProfile, profile, resNet18 } from '../src/index.js';

beforeAll(async () => {
  await tf.setBackend('wasm-cnn');
});

const row = ({ layers: rows }: ModelProfile, name: string) => rows.find((layer) => layer.name === name)!;

test('a small net, counted by hand', () => {
  const model = tfl.sequential({
    layers: [
      layers.conv2d({
        name: 'conv',
        inputShape: [9, 7, 3],
        filters: 4,
        kernelSize: [3, 2],
        strides: [2, 1],
        padding: 1,
        groups: 1,
      }),
      layers.batchNormalization({ name: 'norm' }),
      layers.depthwiseConv2d({ name: 'depthwise', kernelSize: 3, depthMultiplier: 2, dilationRate: 2, padding: 2 }),
      layers.maxPooling2d({ name: 'pool', poolSize: 2, strides: 1 }),
      layers.flatten({ name: 'flatten' }),
      layers.dense({ name: 'dense', units: 5, useBias: false }),
    ],
  });
  const result = profile(model);
  expect(result.inputShapes).toEqual([[9, 7, 3]]);
  expect(
    result.layers.map(({ name, className, outputShape, parameters, macs, activationBytes }) => [
      name,
      className,
      outputShape,
      parameters.all,
      parameters.trainable,
      macs,
      activationBytes,
    ]),
  ).toEqual([
    // height (9 + 2 - 3) / 2 + 1, width 7 + 2 - 2 + 1
    ['conv', 'CnnConv2D', [5, 8, 4], 3 * 2 * 3 * 4 + 4, 76, 5 * 8 * 4 * (3 * 2 * 3), 640],
    ['norm', 'CnnBatchNormalization', [5, 8, 4], 16, 8, 0, 640],
    ['depthwise', 'CnnDepthwiseConv2D', [5, 8, 8], 9 * 8 + 8, 80, 5 * 8 * 8 * 9, 1280],
    ['pool', 'CnnMaxPooling2D', [4, 7, 8], 0, 0, 0, 896],
    ['flatten', 'CnnFlatten', [224], 0, 0, 0, 0],
    ['dense', 'CnnDense', [5], 1120, 1120, 1120, 20],
  ]);
  expect(result.parameters).toEqual({ all: 76 + 16 + 80 + 1120, trainable: 76 + 8 + 80 + 1120 });
  expect(result.macs).toBe(2880 + 2880 + 1120);
  expect(result.activationBytes).toBe(4 * 9 * 7 * 3 + 640 + 640 + 1280 + 896 + 20);
  expect(result.notes).toEqual([]);
  expect(result.step).toBeUndefined();
  expect(row(result, 'conv').field).toEqual({ size: [3, 2], jump: [2, 1], start: [-1, -1] });
  expect(row(result, 'norm').field).toEqual(row(result, 'conv').field);
  // Taps 0, 2, 4 at a jump of [2, 1].
  expect(row(result, 'depthwise').field).toEqual({ size: [3 + 4 * 2, 2 + 4], jump: [2, 1], start: [-1 - 2 * 2, -1 - 2] });
  expect(row(result, 'pool').field).toEqual({ size: [13, 7], jump: [2, 1], start: [-5, -3] });
  // All of 4 x 7 outputs.
  expect(row(result, 'dense').field!.size).toEqual([13 + 3 * 2, 7 + 6]);
  expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  model.dispose();
});

test('frozen layers and layers that are used twice count once, and not as trainable', () => {
  const x = tfl.input({ shape: [8, 8, 2] });
  const shared = layers.conv2d({ name: 'shared', filters: 2, kernelSize: 3, padding: 'same' });
  const y = shared.apply(shared.apply(x)) as tfl.SymbolicTensor;
  const frozen = layers.conv2d({ name: 'frozen', filters: 1, kernelSize: 1, trainable: false });
  const model = tfl.model({ inputs: x, outputs: frozen.apply(y) as tfl.SymbolicTensor });
  const result = profile(model);
  expect(result.layers.map(({ name, parameters, macs }) => [name, parameters, macs])).toEqual([
    ['shared', { all: 38, trainable: 38 }, 64 * 36],
    ['shared', { all: 0, trainable: 0 }, 64 * 36],
    ['frozen', { all: 3, trainable: 0 }, 64 * 2],
  ]);
  // Two 3x3 windows see 5x5.
  expect(result.layers[1]!.field).toEqual({ size: [5, 5], jump: [1, 1], start: [-2, -2] });
  model.dispose();
});

test('the last convolution of VGG-16 sees 196 pixels (He et al., arXiv 1406.4729, and CS231n)', () => {
  const stack: tfl.layers.Layer[] = [];
  [2, 2, 3, 3, 3].forEach((depth, stage) => {
    for (let i = 1; i <= depth; i++) {
      const inputShape = stack.length ? undefined : [224, 224, 3];
      stack.push(layers.conv2d({ name: `conv${stage + 1}_${i}`, inputShape, filters: 1, kernelSize: 3, padding: 1 }));
    }
    stack.push(layers.maxPooling2d({ name: `pool${stage + 1}` }));
  });
  const model = tfl.sequential({ layers: stack });
  const result = profile(model);
  expect(row(result, 'conv5_3').field).toMatchObject({ size: [196, 196], jump: [16, 16] });
  expect(row(result, 'pool5').field).toMatchObject({ size: [212, 212], jump: [32, 32] });
  model.dispose();
});

test('blocks are opened: ResNet-18 as torchvision counts it, and its receptive field (Araujo et al., Distill 2019)', () => {
  const model = resNet18();
  const result = profile(model);
  expect(result.parameters.trainable).toBe(11_689_512);
  expect((result.macs / 1e9).toFixed(3)).toBe('1.814');
  expect(row(result, 'layer4.1.conv2')).toMatchObject({
    className: 'CnnConv2D',
    outputShape: [7, 7, 512],
    parameters: { all: 3 * 3 * 512 * 512 },
    macs: 7 * 7 * 3 * 3 * 512 * 512,
    field: { size: [435, 435], jump: [32, 32] },
  });
  // The shortcut sees less than the branch, the sum as much.
  expect(row(result, 'layer2.0.downsample.0').field!.size).toEqual([43, 43]);
  expect(row(result, 'layer2.0.relu').field).toEqual(row(result, 'layer2.0.conv2').field);
  model.dispose();
});

test('a branch and its shortcut: the field around both', () => {
  const x = tfl.input({ shape: [16, 16, 4] });
  const wide = layers.conv2d({ filters: 4, kernelSize: 5, padding: 2 }).apply(x) as tfl.SymbolicTensor;
  const lopsided = layers.zeroPadding2d({ padding: { top: 3, bottom: 0, left: 0, right: 0 } }).apply(x) as tfl.SymbolicTensor;
  const cut = layers.averagePooling2d({ poolSize: [4, 1], strides: 1 }).apply(lopsided) as tfl.SymbolicTensor;
  const model = tfl.model({ inputs: x, outputs: layers.concatChannels().apply([wide, cut]) as tfl.SymbolicTensor });
  expect(profile(model).layers.at(-1)!.field).toEqual({ size: [6, 5], jump: [1, 1], start: [-3, -2] });
  model.dispose();
});

test("tfjs-layers' own layers count as ours do", () => {
  const { conv2d, depthwiseConv2d, batchNormalization, maxPooling2d, averagePooling2d, zeroPadding2d, flatten, dense } =
    tfl.layers;
  const stock = tfl.sequential({
    layers: [
      zeroPadding2d({
        inputShape: [20, 20, 3],
        padding: [
          [1, 2],
          [3, 4],
        ],
      }),
      conv2d({ filters: 8, kernelSize: 3, strides: 2, activation: 'relu' }),
      batchNormalization({}),
      depthwiseConv2d({ kernelSize: 3, padding: 'same' }),
      maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
      averagePooling2d({ poolSize: 2 }),
      flatten(),
      dense({ units: 10 }),
    ],
  });
  const ours = tfl.sequential({
    layers: [
      layers.zeroPadding2d({
        inputShape: [20, 20, 3],
        padding: [
          [1, 2],
          [3, 4],
        ],
      }),
      layers.conv2d({ filters: 8, kernelSize: 3, strides: 2, activation: 'relu' }),
      layers.batchNormalization(),
      layers.depthwiseConv2d({ kernelSize: 3, padding: 'same' }),
      layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
      layers.averagePooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 10 }),
    ],
  });
  const plain = (model: tfl.LayersModel) => {
    const { layers: rows, notes, parameters, macs, activationBytes } = profile(model);
    return { rows: rows.map(({ name, className, ...row_ }) => row_), notes, parameters, macs, activationBytes };
  };
  expect(plain(stock)).toEqual(plain(ours));
  stock.dispose();
  ours.dispose();
});

test('a layer that nobody knows: its parameters count, its multiply-accumulates do not, and a note says so', () => {
  const { conv2dTranspose } = tfl.layers;
  const model = tfl.sequential({
    layers: [conv2dTranspose({ name: 'up', inputShape: [4, 4, 2], filters: 3, kernelSize: 2, strides: 2 })],
  });
  const { layers: rows, notes } = profile(model);
  expect(rows[0]).toMatchObject({ outputShape: [8, 8, 3], parameters: { all: 27, trainable: 27 }, macs: 0 });
  expect(notes).toEqual(['up is a Conv2DTranspose: its multiply-accumulates are not known and count as 0']);
  model.dispose();
});

describe('sizes that the model leaves open', () => {
  const open = () =>
    tfl.sequential({
      name: 'open',
      layers: [layers.conv2d({ inputShape: [null, null, 3], filters: 2, kernelSize: 3 }), layers.globalAveragePooling2d()],
    });

  test('come with inputShape, or are asked for', () => {
    const model = open();
    expect(() => profile(model)).toThrow(
      "profile: the input of model 'open' is [?, ?, 3]; say with inputShape which size is meant",
    );
    expect(profile(model, { inputShape: [10, 12, 3] }).layers[0]).toMatchObject({ outputShape: [8, 10, 2], macs: 80 * 2 * 27 });
    model.dispose();
  });

  test.each([
    [[10, 12], 'inputShape must be positive integers in the place of [?, ?, 3], got [10,12]'],
    [[10, 0, 3], 'inputShape must be positive integers in the place of [?, ?, 3], got [10,0,3]'],
    [[10, 12, 4], /inputShape does not fit: CnnConv2D '.*' expects 3 along axis -1, got \[\?, 10, 12, 4\]/],
  ])('%j does not fit', (inputShape, message) => {
    const model = open();
    expect(() => profile(model, { inputShape })).toThrow(message);
    model.dispose();
  });

  test('a dense layer holds the picture to one size', () => {
    const model = leNet5();
    expect(() => profile(model, { inputShape: [32, 32, 1] })).toThrow("CnnDense 'fc1' expects 400 along axis -1, got [?, 576]");
    model.dispose();
  });

  test('a model without an input', () => {
    expect(() => profile(tfl.sequential({ name: 'empty' }))).toThrow("profile: model 'empty' has no input yet");
  });
});

test('as a table', () => {
  const model = leNet5();
  const text = formatProfile(profile(model));
  expect(text.split('\n')).toEqual([
    'le_net5, input 28 x 28 x 1',
    '',
    'layer    type          output        parameters  MMACs  sees  jump   memory',
    '---------------------------------------------------------------------------',
    'conv1    Conv2D        28 x 28 x 6          156  0.118     5     1  18.4 KB',
    'pool1    MaxPooling2D  14 x 14 x 6                         6     2   4.6 KB',
    'conv2    Conv2D        10 x 10 x 16       2,416  0.240    14     2   6.3 KB',
    'pool2    MaxPooling2D  5 x 5 x 16                         16     4   1.6 KB',
    'flatten  Flatten       400                                32    20',
    'fc1      Dense         120               48,120  0.048    32    20    480 B',
    'fc2      Dense         84                10,164  0.010    32    20    336 B',
    'fc3      Dense         10                   850  0.001    32    20     40 B',
    '---------------------------------------------------------------------------',
    'parameters   61,706',
    'MACs         0.417 M a picture',
    'activations  34.7 KB a picture, forward',
    '',
  ]);
  model.dispose();
});
