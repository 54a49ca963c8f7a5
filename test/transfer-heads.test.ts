/** Other classes for a net, and what its stages give. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import {
  cifarDenseNet,
  cifarResNet20,
  featureExtractor,
  freezeUntil,
  fromPretrained,
  getModel,
  googLeNet,
  layers,
  leNet5,
  mobileNetV1,
  modelInput,
  nin,
  replaceHead,
  resNet18,
  squeezeNet1_1,
  stateDict,
} from '../src/index.js';

beforeAll(() => tf.setBackend('wasm-cnn'));

const apply = (model: tfl.LayersModel, x: tf.Tensor) => model.apply(x, { training: false }) as tf.Tensor;
const pictures = (model: tfl.LayersModel, seed = 1) =>
  tf.randomNormal([2, ...(model.inputs[0]!.shape.slice(1) as number[])], 0, 1, 'float32', seed);

describe('replaceHead', () => {
  const small = { inputShape: [32, 32, 3] as [number, number, number], classes: 7, seed: 1 };

  it.each<[string, string, () => tfl.LayersModel]>([
    ['cifarResNet20', 'linear', () => cifarResNet20({ seed: 1 })],
    ['mobileNetV1, whose head is a convolution before softmax', 'conv_preds', () => mobileNetV1({ ...small, alpha: 0.25 })],
    ['squeezeNet1_1, whose head is a convolution before a pool', 'classifier.1', () => squeezeNet1_1(small)],
    ['nin, whose head is the last layer of a block', 'cccp6', () => nin({ seed: 1, width: 16 })],
    ['leNet5', 'fc3', () => leNet5({ seed: 1 })],
    ['leNet5 of 1998, whose head is a table of codes', 'output', () => leNet5({ variant: '1998', seed: 1 })],
    ['cifarDenseNet', 'classifier', () => cifarDenseNet({ seed: 1, depth: 22 })],
  ])('gives %s other classes', async (_, head, build) => {
    const model = build();
    const [x, before] = [pictures(model), await stateDict(model)];
    const old = apply(model, x).dataSync();
    const made = replaceHead(model, { classes: 3, seed: 5 });
    const after = await stateDict(made);
    const scores = apply(made, x);
    expect(scores.shape).toEqual([2, 3]);
    expect(scores.dataSync().every(Number.isFinite)).toBe(true);
    const changed = Object.keys(after).filter((name) => String(after[name]!.data) !== String(before[name]?.data));
    expect(new Set(changed.map((name) => name.replace(/[./](weight|kernel|bias)$/, '')))).toEqual(new Set([head]));
    // From the seed alone; another net is as it was.
    expect(apply(replaceHead(build(), { classes: 3, seed: 5 }), x).dataSync()).toEqual(scores.dataSync());
    expect(apply(replaceHead(build(), { classes: 3, seed: 6 }), x).dataSync()).not.toEqual(scores.dataSync());
    expect(apply(model, x).dataSync()).toEqual(old);
    // Saved and loaded it is the same net.
    let saved: tf.io.ModelArtifacts = {};
    await made.save(
      tf.io.withSaveHandler(async (artifacts) => {
        saved = artifacts;
        return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
      }),
    );
    const loaded = await tfl.loadLayersModel(tf.io.fromMemory(saved));
    expect(apply(loaded, x).dataSync()).toEqual(scores.dataSync());
  });

  it('begins within 1 / sqrt(fan in), at biases of 0', () => {
    const [kernel, bias] = replaceHead(cifarResNet20(), { classes: 100, seed: 1 }).layers.at(-1)!.getWeights();
    const values = kernel!.dataSync();
    expect(Math.max(...values)).toBeLessThanOrEqual(1 / 8);
    expect(Math.max(...values)).toBeGreaterThan(0.9 / 8);
    expect(Math.min(...values)).toBeLessThan(-0.9 / 8);
    expect(new Set(bias!.dataSync())).toEqual(new Set([0]));
  });

  it('puts a head where there is none, or where it is told to', () => {
    const headless = squeezeNet1_1({ inputShape: [64, 64, 3], includeTop: false, seed: 1 });
    const made = replaceHead(headless, { classes: 2, seed: 1, dropout: 0.2 });
    expect(made.layers.slice(-3).map((layer) => layer.name)).toEqual(['classifier_pool', 'classifier_dropout', 'classifier']);
    expect(made.countParams()).toBe(headless.countParams() + 513 * 2);
    const short = replaceHead(cifarResNet20({ seed: 1 }), { classes: 2, behind: 'layer2', seed: 1, name: 'fc' });
    expect(short.layers.at(-1)!.name).toBe('fc');
    expect(freezeUntil(short, 'head').trainable).toBe(33 * 2);
  });

  it('replaces auxiliary heads, too', () => {
    const model = googLeNet({ inputShape: [64, 64, 3], auxiliary: true, seed: 1 });
    const made = replaceHead(model, { classes: 4, seed: 1 });
    expect(made.outputs.map(({ shape }) => shape)).toEqual([
      [null, 4],
      [null, 4],
      [null, 4],
    ]);
    expect(made.getUserDefinedMetadata()).toEqual(model.getUserDefinedMetadata());
  });

  it('keeps what the pictures must look like, and knows the new names', async () => {
    const model = await fromPretrained('cifarResNet20-fashion');
    const { classNames: _, ...scale } = modelInput(model)!;
    expect(modelInput(replaceHead(model, { classes: ['shoe', 'shirt'] }))).toEqual({ ...scale, classNames: ['shoe', 'shirt'] });
    expect(modelInput(model)!.classNames).toHaveLength(10);
  });

  it("knows tfjs-layers' own layers", () => {
    const model = tfl.sequential({
      layers: [
        tfl.layers.conv2d({ inputShape: [8, 8, 3], filters: 4, kernelSize: 3 }),
        tfl.layers.flatten(),
        tfl.layers.dense({ name: 'out', units: 9, activation: 'softmax' }),
      ],
    });
    const made = replaceHead(model, { classes: 2, seed: 1 });
    expect(made.outputs[0]!.shape).toEqual([null, 2]);
    expect(made.layers.at(-1)!.getConfig()['activation']).toBe('linear');
  });

  it.each<[string, () => unknown, RegExp]>([
    ['no classes', () => replaceHead(leNet5(), { classes: 0 }), /replaceHead: classes must be a positive integer, got 0/],
    [
      'two classes of one name',
      () => replaceHead(leNet5(), { classes: ['a', 'a'] }),
      /classes must be a positive integer, or different names/,
    ],
    [
      'a layer that there is not',
      () => replaceHead(leNet5(), { classes: 2, behind: 'conf2' }),
      /no layer or stage "conf2"; near ones: conv2,/,
    ],
    ['an option that there is not', () => replaceHead(leNet5(), { classes: 2, units: 3 } as never), /there is no option 'units'/],
    [
      'features without a classifier',
      () => replaceHead(resNet18({ includeTop: false, pooling: 'avg' }), { classes: 2 }),
      /has no classifier: its last layer with weights is CnnResidualBlock 'layer4\.1'.*'behind'/,
    ],
    ['what is no model', () => replaceHead({} as tfl.LayersModel, { classes: 2 }), /model must be a tf\.LayersModel/],
  ])('refuses %s', (_, act, message) => expect(act).toThrow(message));
});

describe('featureExtractor', () => {
  it('gives what stages give', () => {
    const model = cifarResNet20({ seed: 1 });
    const x = pictures(model);
    const [second, third, block] = featureExtractor(model, ['layer2', 'layer3', 'layer2.0']).apply(x) as tf.Tensor[];
    expect([second!.shape, third!.shape, block!.shape]).toEqual([
      [2, 16, 16, 32],
      [2, 8, 8, 64],
      [2, 16, 16, 32],
    ]);
    const means = tf.mean(third!, [1, 2]).dataSync();
    const pooled = (featureExtractor(model, ['avgpool']).apply(x) as tf.Tensor).dataSync();
    means.forEach((mean, i) => expect(Math.abs(mean - pooled[i]!)).toBeLessThanOrEqual(64 * 2 ** -24 * 64));
  });

  it.each<[string, number[][], object]>([
    [
      'resNet18',
      [
        [112, 112, 64],
        [56, 56, 64],
        [28, 28, 128],
        [14, 14, 256],
        [7, 7, 512],
      ],
      {},
    ],
    [
      'resNet50',
      [
        [112, 112, 64],
        [56, 56, 256],
        [28, 28, 512],
        [14, 14, 1024],
        [7, 7, 2048],
      ],
      { variant: 'keras' },
    ],
    [
      'mobileNetV1',
      [
        [112, 112, 64],
        [56, 56, 128],
        [28, 28, 256],
        [14, 14, 512],
        [7, 7, 1024],
      ],
      {},
    ],
    [
      'cifarResNet20',
      [
        [32, 32, 16],
        [16, 16, 32],
        [8, 8, 64],
      ],
      {},
    ],
    [
      'denseNet121',
      [
        [112, 112, 64],
        [56, 56, 256],
        [28, 28, 512],
        [14, 14, 1024],
        [7, 7, 1024],
      ],
      {},
    ],
  ])('counts the sizes of %s as timm does', (name, shapes, options) => {
    const model = getModel(name, options);
    const extractor = featureExtractor(
      model,
      shapes.map((_, i) => i),
    );
    expect(extractor.outputs.map(({ shape }) => shape.slice(1))).toEqual(shapes);
    expect(featureExtractor(model, [-1]).outputs[0]!.shape.slice(1)).toEqual(shapes.at(-1));
    expect(() => featureExtractor(model, [shapes.length])).toThrow(`stages must be numbers below ${shapes.length}`);
  });

  it.each<[string, readonly (string | number)[], RegExp]>([
    ['a name', ['layer9'], /featureExtractor: model 'cifarResNet20' has no layer or stage "layer9"; near ones: layer1/],
    ['a part of a block', ['layer1.0.conv1'], /no layer or stage "layer1\.0\.conv1"; near ones: layer1\.0,/],
    ['nothing', [], /stages must be names of layers or stages/],
  ])('refuses %s that it cannot give', (_, stages, message) => {
    expect(() => featureExtractor(cifarResNet20(), stages)).toThrow(message);
  });

  it('refuses what is no model', () => {
    expect(() => featureExtractor(layers as never, ['a'])).toThrow(/model must be a tf\.LayersModel/);
  });
});
