/** Weights of others in models: names, strictness, other classes and channels, and what is told of it. */
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { normalizer } from '../src/data/index.js';
import {
  ArgumentError,
  cifarResNet20,
  formatLoadReport,
  fromPretrained,
  googLeNet,
  type LoadReport,
  loadWeights,
  mobileNetV1,
  mobileNetV2,
  modelInput,
  resNet18,
  resNet50,
  type StateDict,
  StateDictError,
  setModelInput,
  stateDict,
} from '../src/index.js';

beforeAll(() => tf.setBackend('wasm-cnn'));

const small = { inputShape: [32, 32, 3], width: 8, classes: 5, seed: 1 } as const;

const renamed = (dict: StateDict, rename: (name: string) => string): StateDict =>
  Object.fromEntries(Object.entries(dict).map(([name, array]) => [rename(name), array]));

/** What a net gives for pictures that follow from the seed. */
function outputOf(model: LayersModel, seed = 1): Float32Array {
  const [, height, width, channels] = model.inputs[0]!.shape as [null, number, number, number];
  return tf.tidy(() =>
    (model.predict(tf.randomUniform([2, height, width, channels], 0, 1, 'float32', seed)) as tf.Tensor).dataSync(),
  ) as Float32Array;
}

describe('loadWeights', () => {
  test('loads what a net gives, under whatever wrapping', async () => {
    const from = resNet18(small);
    const dict = renamed(await stateDict(from), (name) => `module.${name}`);
    const to = resNet18({ ...small, seed: 2 });
    const report = await loadWeights(to, {
      ...dict,
      'module.bn1.num_batches_tracked': { shape: [], data: new BigInt64Array(1) as never },
    });
    expect(outputOf(to)).toEqual(outputOf(from));
    expect(report).toMatchObject({ missing: [], unexpected: [], mismatched: [], leftOut: ['module.bn1.num_batches_tracked'] });
    expect(report.loaded).toHaveLength(102);
    expect(report.renamed[0]).toEqual({ from: 'module.conv1.weight', to: 'conv1.weight' });
    expect(formatLoadReport(report)).toMatch(
      /^net +resNet18 .*names of torchvision\nloaded +102 arrays\nrenamed +102\n +module\.conv1/,
    );
  });

  test('refuses another net, and says whose weights they are', async () => {
    const to = resNet50({ ...small, seed: 2 });
    const before = outputOf(to);
    const dict = await stateDict(resNet18(small));
    const refusal = loadWeights(to, dict).catch((error) => error as StateDictError);
    expect(await refusal).toBeInstanceOf(StateDictError);
    const { message, report } = (await refusal) as StateDictError;
    expect(message).toMatch(/do not fit the model 'resNet50': they are those of resNet18\n/);
    expect((report as LoadReport).missing).toContain('layer1.0.conv3.weight');
    expect(outputOf(to)).toEqual(before);
  });

  test('loads what fits where strict is false; not where nothing does', async () => {
    const { 'fc.weight': _, ...dict } = await stateDict(resNet18(small));
    const to = resNet18({ ...small, seed: 2 });
    await expect(loadWeights(to, dict)).rejects.toThrow(/missing +1\n +fc\.weight/);
    const report = await loadWeights(to, dict, { strict: false });
    expect([report.loaded.length, report.missing]).toEqual([101, ['fc.weight']]);
    await expect(loadWeights(to, { other: { shape: [1], data: [0] } }, { strict: false })).rejects.toThrow(/loaded +0 arrays/);
  });

  test('a head for other classes stays as it began, where that is asked for', async () => {
    const from = resNet18(small);
    const dict = await stateDict(from);
    const to = resNet18({ ...small, classes: 3, seed: 2 });
    const head = to
      .getLayer('fc')
      .getWeights()
      .map((weight) => weight.dataSync());
    await expect(loadWeights(to, dict)).rejects.toThrow(/adapt: true.*\n(.*\n)*.*fc\.weight: expected \[3,64\], got \[5,64\]/);
    const report = await loadWeights(to, dict, { adapt: true });
    expect(report).toMatchObject({ fresh: ['fc.weight', 'fc.bias'], leftOut: ['fc.weight', 'fc.bias'], mismatched: [] });
    expect(
      to
        .getLayer('fc')
        .getWeights()
        .map((weight) => weight.dataSync()),
    ).toEqual(head);
    const features = (model: LayersModel) => (model.getLayer('layer4.1').getWeights()[0] as tf.Tensor).dataSync();
    expect(features(to)).toEqual(features(from));
    // Equal numbers of classes: only on demand.
    const same = resNet18({ ...small, seed: 3 });
    expect((await loadWeights(same, dict, { freshHead: true })).fresh).toEqual(['fc.weight', 'fc.bias']);
    expect((await loadWeights(same, dict)).fresh).toEqual([]);
  });

  test('grey from RGB is the sum: the same outputs for pictures without colour', async () => {
    const from = resNet18(small);
    const grey = resNet18({ ...small, inputShape: [32, 32, 1], seed: 2 });
    const report = await loadWeights(grey, await stateDict(from), { adapt: true });
    expect(report.adapted).toEqual([{ name: 'conv1.weight', how: 'input channels 3 -> 1' }]);
    const x = tf.randomUniform([2, 32, 32, 1], 0, 1, 'float32', 1);
    const [one, three] = [grey.predict(x), from.predict(tf.tile(x, [1, 1, 1, 3]))].map((y) => (y as tf.Tensor).dataSync());
    one!.forEach((value, i) => expect(value).toBeCloseTo(three![i]!, 4));
  });

  test.each([3, 4, 6])('%i channels from grey or RGB: the same outputs where all are alike', async (channels) => {
    for (const had of [1, 3]) {
      const from = resNet18({ ...small, inputShape: [32, 32, had] });
      const to = resNet18({ ...small, inputShape: [32, 32, channels], seed: 2 });
      await loadWeights(to, await stateDict(from), { adapt: true });
      const x = tf.randomUniform([1, 32, 32, 1], 0, 1, 'float32', 1);
      const [a, b] = [[from, had] as const, [to, channels] as const].map(([model, count]) =>
        (model.predict(tf.tile(x, [1, 1, 1, count])) as tf.Tensor).dataSync(),
      );
      // Of four channels from three the first counts twice, each for three quarters: not the same net, but its scale.
      if (channels % had === 0) a!.forEach((value, i) => expect(b![i]).toBeCloseTo(value, 4));
      const sum = (model: LayersModel) => tf.sum(model.getWeights()[0]!).dataSync()[0]!;
      if (channels % had === 0) expect(sum(to)).toBeCloseTo(sum(from), 3);
    }
  });

  test('four channels from three are repeated in turn and scaled, as timm does', async () => {
    const dict = await stateDict(resNet18(small));
    const to = resNet18({ ...small, inputShape: [32, 32, 4], seed: 2 });
    await loadWeights(to, dict, { adapt: true });
    const { data } = dict['conv1.weight']!;
    const found = (await stateDict(to))['conv1.weight']!;
    for (let o = 0; o < 8; o++)
      for (let c = 0; c < 4; c++)
        for (let i = 0; i < 49; i++) {
          expect(found.data[(o * 4 + c) * 49 + i]).toBe(Math.fround((data[(o * 3 + (c % 3)) * 49 + i]! * 3) / 4));
        }
  });

  test('auxiliary classifiers and heads that the model does not have are left out', async () => {
    const options = { inputShape: [64, 64, 3], width: 4, classes: 3 } as const;
    const dict = await stateDict(googLeNet({ ...options, auxiliary: true }));
    const report = await loadWeights(googLeNet(options), dict);
    expect(report.leftOut.every((name) => /^aux[12]\./.test(name))).toBe(true);
    expect(report.leftOut.length).toBeGreaterThan(0);
    const headless = googLeNet({ ...options, includeTop: false });
    await expect(loadWeights(headless, dict)).rejects.toThrow(/unexpected +2\n +fc\.weight/);
    expect((await loadWeights(headless, dict, { adapt: true })).unexpected).toEqual([]);
  });

  test('a dense layer is taken as a convolution of one pixel, and the other way round', async () => {
    const options = { inputShape: [32, 32, 3], alpha: 0.25, classes: 4, variant: 'keras' } as const;
    const dict = await stateDict(mobileNetV1(options));
    const { shape, data } = dict['conv_preds/kernel']!;
    const report = await loadWeights(mobileNetV1(options), { ...dict, 'conv_preds/kernel': { shape: shape.slice(2), data } });
    expect(report.adapted).toEqual([{ name: 'conv_preds/kernel', how: '[256,4] taken as [1,1,256,4]' }]);
  });

  test("timm's names of MobileNetV2", async () => {
    const from = mobileNetV2({ inputShape: [32, 32, 3], alpha: 0.35, classes: 4 });
    const starts = [0, 1, 3, 6, 10, 13, 16, 17];
    const timm = renamed(await stateDict(from), (name) => {
      const [, place, part, role] = /^features\.(\d+)\.conv\.([\d.]+)\.(\w+)$/.exec(name) ?? [];
      if (place === undefined || place === '18') {
        return name
          .replace('features.0.0', 'conv_stem')
          .replace('features.0.1', 'bn1')
          .replace('features.18.0', 'conv_head')
          .replace('features.18.1', 'bn2')
          .replace('classifier.1', 'classifier');
      }
      const block = Number(place) - 1;
      const stage = starts.findIndex((start) => block < start) - 1;
      const parts: Record<string, string> =
        stage === 0
          ? { '0.0': 'conv_dw', '0.1': 'bn1', '1': 'conv_pw', '2': 'bn2' }
          : { '0.0': 'conv_pw', '0.1': 'bn1', '1.0': 'conv_dw', '1.1': 'bn2', '2': 'conv_pwl', '3': 'bn3' };
      return `blocks.${stage}.${block - starts[stage]!}.${parts[part!]}.${role}`;
    });
    expect(Object.keys(timm)).toContain('blocks.6.0.conv_pwl.weight');
    const to = await fromPretrained('mobilenetv2_100', timm, { inputShape: [32, 32, 3] });
    expect(outputOf(to)).toEqual(outputOf(from));
  });

  test("Keras's ResNet-50 of 2015 has another epsilon", async () => {
    const options = { ...small, variant: 'keras', classifierActivation: 'linear' } as const;
    const dict = await stateDict(resNet50(options));
    const parts: Record<string, string> = { '0': '1', '1': '2a', '2': '2b', '3': '2c' };
    const old = renamed(dict, (name) =>
      name
        .replace(/^conv(\d)_block(\d)_(\d)_(conv|bn)/, (_, stage, block, part, kind) => {
          return `${kind === 'bn' ? 'bn' : 'res'}${stage}${String.fromCharCode(96 + Number(block))}_branch${parts[part as string]}`;
        })
        .replace('conv1_conv', 'conv1')
        .replace('conv1_bn', 'bn_conv1')
        .replace('predictions', 'fc1000'),
    );
    const to = resNet50({ ...options, seed: 2 });
    await loadWeights(to, old);
    const [before, after] = ['moving_variance', 'kernel'].map(
      (role) => `conv2_block1_1_${role === 'kernel' ? 'conv' : 'bn'}/${role}`,
    ) as [string, string];
    const found = await stateDict(to);
    expect(found[after]).toEqual(dict[after]);
    expect(found[before]!.data[0]).toBeCloseTo(dict[before]!.data[0]! + 1e-3 - 1.001e-5, 6);
  });

  test.each([
    [{ strict: 'no' }, 'loadWeights: strict must be true or false, got "no"'],
    [{ adaptive: true }, "loadWeights: there is no option 'adaptive'; it has "],
  ])('refuses %j', async (options, message) => {
    const dict = await stateDict(cifarResNet20(small));
    await expect(loadWeights(cifarResNet20(small), dict, options as object)).rejects.toThrow(ArgumentError);
    await expect(loadWeights(cifarResNet20(small), dict, options as object)).rejects.toThrow(message);
  });
});

test('nets from Caffe see blue first', () => {
  const bytes = Uint8Array.of(0, 51, 255, 10, 20, 30);
  const values = new Float32Array(7);
  normalizer({ mean: [0.1, 0.2, 0.3], std: [0.5, 1, 2], order: 'BGR' })(bytes, values, 1);
  const expected = [(1 - 0.1) / 0.5, 0.2 - 0.2, (0 - 0.3) / 2, (30 / 255 - 0.1) / 0.5, 20 / 255 - 0.2, (10 / 255 - 0.3) / 2];
  expect(Array.from(values)).toEqual([0, ...expected.map(Math.fround)]);
});

describe('fromPretrained', () => {
  test('builds what the file holds, with logits at its end', async () => {
    const from = cifarResNet20({ classes: 10, width: 8, shortcut: 'B', inputShape: [32, 32, 3], seed: 1 });
    const dict = await stateDict(from);
    for (const name of ['resNet20', 'resnet-20', 'cifarResNet20', 'auto']) {
      const model = await fromPretrained(name, dict);
      expect(outputOf(model)).toEqual(outputOf(from));
      expect(modelInput(model)).toMatchObject({ height: 32, mean: [0.485, 0.456, 0.406], channels: 3 });
      expect(modelInput(model)!.classNames[9]).toBe('truck');
      expect(modelInput(model)!.resize).toBeUndefined();
    }
  });

  test('other classes, channels and pictures', async () => {
    const dict = await stateDict(resNet18(small));
    let report: LoadReport | undefined;
    const model = await fromPretrained('resnet18', dict, {
      classes: 2,
      inputShape: [48, 48, 1],
      input: { classNames: ['ant', 'bee'] },
      onReport: (found) => {
        report = found;
      },
    });
    expect([model.inputs[0]!.shape, model.outputShape]).toEqual([
      [null, 48, 48, 1],
      [null, 2],
    ]);
    expect(report).toMatchObject({ fresh: ['fc.weight', 'fc.bias'], adapted: [{ name: 'conv1.weight' }] });
    const { mean, std, classNames, resize } = modelInput(model)!;
    // Of 55 pixels the middle 48 are what 224 are of 256.
    expect(resize).toBe(55);
    expect(mean).toEqual([expect.closeTo((0.485 + 0.456 + 0.406) / 3, 10)]);
    expect([std.length, classNames]).toEqual([1, ['ant', 'bee']]);
    const headless = await fromPretrained('resnet18', dict, { includeTop: false, inputShape: [32, 32, 3] });
    expect(headless.outputShape).toEqual([null, 1, 1, 64]);
  });

  test('what the model says of its pictures already stays', async () => {
    const model = resNet18(small);
    const own = { height: 32, width: 32, channels: 3 as const, classNames: [], mean: [0, 0, 0], std: [1, 1, 1] };
    setModelInput(model, own);
    await loadWeights(model, await stateDict(resNet18(small)));
    expect(modelInput(model)).toEqual(own);
  });

  test('refuses what it does not know, and the weights of another net', async () => {
    const dict = await stateDict(resNet18(small));
    await expect(fromPretrained('resnet34', dict)).rejects.toThrow(
      /fromPretrained: the weights are those of resNet18 .*, not of resNet34/,
    );
    await expect(fromPretrained('resnet19', dict)).rejects.toThrow(/name must be 'auto' or one of leNet5, .*, got "resnet19"/);
    await expect(fromPretrained('auto', { a: { shape: [1], data: [0] } })).rejects.toThrow(
      /expected a net of the zoo, found arrays called a/,
    );
    await expect(fromPretrained('resNet18', { a: { shape: [1], data: [0] } })).rejects.toThrow(/missing +100\n/);
    await expect(fromPretrained('resNet18', undefined as never)).rejects.toThrow(/source must be given for 'resNet18'/);
    await expect(fromPretrained('resNet18', { a: null } as never)).rejects.toThrow(
      /'a' must be \{shape, data\}, both arrays of numbers, got null/,
    );
    const short = { ...dict, 'conv1.weight': { shape: [8, 1, 7, 7], data: [1] } };
    await expect(fromPretrained('resNet18', short)).rejects.toThrow(
      /'conv1\.weight' must hold 392 numbers, as its shape .* says, got 1/,
    );
    await expect(fromPretrained('resNet18', dict, { clases: 2 })).rejects.toThrow(/there is no option 'clases'/);
    await expect(fromPretrained('resNet18', dict, { input: {}, inputShape: [32, 32, 4] })).rejects.toThrow(
      /input must have mean and std/,
    );
  });
});
