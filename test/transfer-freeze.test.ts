/** Which layers learn: by name, stage and share, on nets of the zoo and on stock ones. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import {
  ArgumentError,
  alexNet,
  cifarResNet20,
  denseNet121,
  freezeUntil,
  getModel,
  googLeNet,
  layers,
  leNet5,
  mobileNetV1,
  mobileNetV2,
  nin,
  resNet18,
  resNet50,
  squeezeNet1_1,
  trainableReport,
  unfreeze,
  vgg11,
} from '../src/index.js';

beforeAll(() => tf.setBackend('wasm-cnn'));

const built: tfl.LayersModel[] = [];
const made = <M extends tfl.LayersModel>(model: M): M => {
  built.push(model);
  return model;
};
afterEach(() => {
  for (const model of built.splice(0)) model.dispose();
});

/** Parameters of the weights that learn, by what the model itself says. */
const learning = (model: tfl.LayersModel) => model.trainableWeights.reduce((sum, { shape }) => sum + size(shape), 0);
const size = (shape: readonly (number | null)[]) => shape.reduce<number>((product, each) => product * each!, 1);

describe('freezeUntil', () => {
  // Parameters of the parts, as their papers' sizes give them.
  const fc = (inputs: number, classes = 1000) => inputs * classes + classes;
  const layer4 = 512 * 256 * 9 + 512 * 512 * 9 * 3 + 256 * 512 + 5 * 2 * 512;
  it.each<[string, string | number, () => tfl.LayersModel, number]>([
    ['resNet18', 'fc', () => resNet18(), fc(512)],
    ['resNet18', 'head', () => resNet18(), fc(512)],
    ['resNet18', 'layer4', () => resNet18(), layer4 + fc(512)],
    ['resNet18', 'layer4.0', () => resNet18(), layer4 + fc(512)],
    ['resNet18', 'layer4.1', () => resNet18(), 2 * (512 * 512 * 9 + 2 * 512) + fc(512)],
    ['resNet18', 'layer4.1.conv2', () => resNet18(), 512 * 512 * 9 + 2 * 512 + fc(512)],
    ['resNet18', 'layer4.1.bn2', () => resNet18(), 2 * 512 + fc(512)],
    ['resNet18', 'conv1', () => resNet18(), 11_689_512],
    ['resNet18', 0, () => resNet18(), 11_689_512],
    ['resNet18', 1, () => resNet18(), 0],
    ['resNet50, keras', 'predictions', () => resNet50({ variant: 'keras' }), fc(2048)],
    ['resNet50, keras', 'conv1', () => resNet50({ variant: 'keras' }), 25_583_592],
    ['vgg11', 'classifier', () => vgg11(), fc(25088, 4096) + fc(4096, 4096) + fc(4096)],
    ['vgg11', 'head', () => vgg11(), fc(4096)],
    ['vgg11', 'features', () => vgg11(), 132_863_336],
    ['squeezeNet1_1', 'classifier', () => squeezeNet1_1(), fc(512)],
    ['squeezeNet1_1', 'head', () => squeezeNet1_1(), fc(512)],
    [
      'squeezeNet1_1',
      'features.12',
      () => squeezeNet1_1({ classes: 2 }),
      512 * 64 + 64 + 64 * 256 + 256 + 64 * 256 * 9 + 256 + fc(512, 2),
    ],
    ['nin', 'cccp6', () => nin(), fc(192, 10)],
    ['mobileNetV1', 'conv_preds', () => mobileNetV1({ alpha: 0.25 }), fc(256)],
    ['mobileNetV1', 'block_13', () => mobileNetV1({ alpha: 0.25 }), 256 * 9 + 2 * 256 + 256 * 256 + 2 * 256 + fc(256)],
    ['mobileNetV2', 'head', () => mobileNetV2(), fc(1280)],
    ['denseNet121', 'head', () => denseNet121(), fc(1024)],
    ['denseNet121', 'classifier', () => denseNet121(), fc(1024)],
    ['googLeNet', 'head', () => googLeNet(), fc(1024)],
    ['alexNet', 'classifier', () => alexNet(), fc(9216, 4096) + fc(4096, 4096) + fc(4096)],
    ['cifarResNet20', 'head', () => cifarResNet20(), fc(64, 10)],
    ['leNet5', 'fc3', () => leNet5(), fc(84, 10)],
    ['leNet5', 'fc2', () => leNet5(), fc(120, 84) + fc(84, 10)],
    ['leNet5', 0.4, () => leNet5(), fc(400, 120) + fc(120, 84) + fc(84, 10)],
  ])('%s until %j', (_, until, build, parameters) => {
    const model = made(build());
    const report = freezeUntil(model, until);
    expect(report.trainable).toBe(parameters);
    expect(learning(model)).toBe(parameters);
    expect(report.trainable + report.frozen + report.statistics).toBe(model.countParams());
  });

  it('freezes that share of the layers with weights', () => {
    const model = made(vgg11());
    // 8 convolutions and 3 dense layers.
    expect(freezeUntil(model, 8 / 11).trainable).toBe(25089 * 4096 + 4097 * 4096 + 4097 * 1000);
  });

  it('lets what comes behind learn again', () => {
    const model = made(resNet18());
    freezeUntil(model, 1);
    expect(freezeUntil(model, 'fc').trainable).toBe(513_000);
    expect(freezeUntil(model, 0).frozen).toBe(0);
  });

  it("reaches tfjs-layers' own layers, and models inside of models", async () => {
    const base = tfl.sequential({
      name: 'base',
      layers: [
        tfl.layers.conv2d({ name: 'c1', inputShape: [6, 6, 3], filters: 4, kernelSize: 3 }),
        layers.residualBlock({ name: 'block', filters: 4 }),
        layers.globalAveragePooling2d(),
      ],
    });
    const model = made(tfl.sequential({ layers: [base, tfl.layers.dense({ name: 'out', units: 2 })] }));
    expect(freezeUntil(model, 'out')).toMatchObject({ trainable: 10 });
    const before = base.weights.map((weight) => weight.read().dataSync().slice());
    // A sequential model thaws its weights where it is compiled; the layers know better.
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    await model.fit(tf.randomNormal([4, 6, 6, 3]), tf.randomNormal([4, 2]), { epochs: 1, verbose: 0 });
    expect(base.weights.map((weight) => weight.read().dataSync())).toEqual(before);
    expect(freezeUntil(model, 'block').trainable).toBe(10 + 2 * (4 * 4 * 9 + 8));
    expect(unfreeze(model, 'base').frozen).toBe(0);
  });

  it.each<[string, string | number, RegExp]>([
    [
      'a name',
      'layr4',
      /freezeUntil: model 'resNet18' has no layer or stage "layr4"; near ones: layer4, layer1, layer2, layer3,/,
    ],
    ['a part', 'layer4.1.conv3', /near ones: layer4\.1\.conv1, layer4\.1\.conv2,/],
    ['a share', 1.5, /freezeUntil: until must be a number in \[0, 1\], got 1\.5/],
    ['an empty name', '', /no layer or stage ""/],
  ])('refuses %s that there is not', (_, until, message) => {
    const model = made(resNet18());
    expect(() => freezeUntil(model, until)).toThrow(ArgumentError);
    expect(() => freezeUntil(model, until)).toThrow(message);
    expect(trainableReport(model).frozen).toBe(0);
  });

  it('refuses what is no model', () => {
    expect(() => freezeUntil({} as tfl.LayersModel, 0.5)).toThrow('freezeUntil: model must be a tf.LayersModel');
  });

  it('finds the head of every net of the zoo', () => {
    for (const name of [
      'zfNet',
      'resNeXt50_32x4d',
      'denseNet169',
      'inceptionV3',
      'resNet50V2',
      'cifarWideResNet',
      'cifarDenseNet',
      'cifarConvNet',
      'multilayerPerceptron',
    ]) {
      const model = made(getModel(name));
      const { layers: rows } = freezeUntil(model, 'head');
      const learns = rows.filter(({ trainable }) => trainable > 0);
      expect(learns).toEqual([rows.at(-1)]);
      expect(learns[0]!.className).toBe('Dense');
    }
  });
});

describe('unfreeze', () => {
  it('lets all learn, or what is named, whatever else is frozen', () => {
    const model = made(resNet18());
    freezeUntil(model, 1);
    expect(unfreeze(model, 'layer1', 'fc').trainable).toBe(4 * (64 * 64 * 9 + 2 * 64) + 513_000);
    expect(unfreeze(model, 'head').trainable).toBe(4 * (64 * 64 * 9 + 2 * 64) + 513_000);
    expect(unfreeze(model).frozen).toBe(0);
    expect(() => unfreeze(model, 'fx')).toThrow(/unfreeze: model 'resNet18' has no layer or stage "fx"; near ones: fc,/);
  });
});

describe('trainableReport', () => {
  it('is a table as a text', () => {
    const model = made(leNet5());
    freezeUntil(model, 'fc3');
    expect(String(trainableReport(model)).split('\n')).toEqual([
      'layer  class   trainable  frozen  statistics',
      'conv1  Conv2D          .     156           .',
      'conv2  Conv2D          .   2,416           .',
      'fc1    Dense           .  48,120           .',
      'fc2    Dense           .  10,164           .',
      'fc3    Dense         850       .           .',
      'all                  850  60,856           .',
    ]);
  });

  it('counts moving statistics apart', () => {
    const model = made(cifarResNet20());
    expect(trainableReport(model)).toMatchObject({ trainable: 269_722, frozen: 0, statistics: 1376 });
    expect(freezeUntil(model, 1)).toMatchObject({ trainable: 0, frozen: 269_722, statistics: 1376 });
  });
});
