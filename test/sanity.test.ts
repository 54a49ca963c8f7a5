/**
 * The sanity checks of the CS231n notes (neural-networks-3, "Before learning: sanity checks") on nets of this package, and the function
 * that makes them for a user.
 */
import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, regularizers, sequential } from '@tensorflow/tfjs-layers';
import type { BatchSource } from '../src/data/batch-source.js';
import { layers } from '../src/index.js';
import { seededRandom } from '../src/random.js';
import { crossEntropy, hingeLoss, type LossFunction, lossOf } from '../src/train/loss.js';
import { Sgd } from '../src/train/optimizers/sgd.js';
import { sanityChecks } from '../src/train/sanity/sanity-checks.js';
import { layerStates, namedVariables } from '../src/train/trainable.js';
import { tensorsOf } from '../src/train/training-step.js';
import type { NetName } from '../src/zoo/index.js';
import { changed, pictureSource } from './picture-source.js';
import { smallNets } from './small-nets.js';

beforeAll(() => tf.setBackend('wasm-cnn'));

/** Noise, and labels that have nothing to do with it: there is nothing to learn but each picture by heart. */
function noise(model: LayersModel, count = 20): BatchSource {
  const [, height, width, channels] = model.inputs[0]!.shape as [null, number, number, number];
  const classes = model.outputs[0]!.shape[1]!;
  const random = seededRandom(11);
  return pictureSource({
    images: new Uint8Array(count * height * width * channels).map(() => 256 * random()),
    labels: Int32Array.from({ length: count }, (_, i) => i % classes),
    count,
    height,
    width,
    channels,
    classNames: Array.from({ length: classes }, (_, i) => `${i}`),
    sourceDescription: 'noise',
  });
}

/** The first batch's loss in training. */
async function lossOfFirst(model: LayersModel, data: BatchSource, loss: LossFunction): Promise<number> {
  for await (const batch of data.epoch(0)) {
    const inputs = tensorsOf(batch);
    return tf.tidy(() => lossOf(model, loss, inputs[0]!, inputs[1]!).loss.dataSync()[0]!);
  }
  throw new Error('no batch');
}

const NETS: readonly NetName[] = ['leNet5', 'mnistConvNet', 'cifarConvNet', 'cifarResNet20', 'mobileNetV1', 'resNet18'];

describe('the initial loss', () => {
  /** The last layer's weights become so small that all classes are as good as equal. */
  function withSmallWeights(name: NetName): LayersModel {
    const model = smallNets[name]();
    const last = model.layers.findLast((layer) => layer.trainableWeights.length > 0)!;
    for (const weight of last.trainableWeights) {
      weight.write(tf.tidy(() => tf.mul(weight.read(), 1e-4)));
    }
    return model;
  }

  test.each(NETS)('of %s is ln C', async (name) => {
    const model = withSmallWeights(name);
    const classes = model.outputs[0]!.shape[1]!;
    expect(await lossOfFirst(model, noise(model), crossEntropy())).toBeCloseTo(Math.log(classes), 2);
    model.dispose();
  });

  test('of the multiclass hinge is C - 1', async () => {
    const model = withSmallWeights('mnistConvNet');
    expect(await lossOfFirst(model, noise(model), hingeLoss)).toBeCloseTo(4, 2);
    model.dispose();
  });
});

test.each(NETS)('%s learns 20 pictures by heart', async (name) => {
  const model = smallNets[name]();
  const { passed, checks } = await sanityChecks(model, noise(model), {
    optimizer: new Sgd({ learningRate: 0.01, momentum: 0.9 }),
  });
  expect(checks.map((check) => check.name)).toEqual(['initial loss', 'overfitting']);
  expect(passed).toBe(true);
  expect(checks[1]!.found).toBeLessThan(0.01 * Math.log(model.outputs[0]!.shape[1]!));
  model.dispose();
});

const seeded = (seed: number) => ({ className: 'HeNormal', config: { seed } }) as never;

/** A small net with penalties of a strength, and dropout. */
function penalized(strength: number, rate = 0.5): LayersModel {
  const kernelRegularizer = strength > 0 ? regularizers.l2({ l2: strength }) : undefined;
  return sequential({
    layers: [
      layers.conv2d({ filters: 8, kernelSize: 3, inputShape: [8, 8, 2], kernelInitializer: seeded(1), kernelRegularizer }),
      layers.batchNormalization({ activation: 'relu' }),
      layers.flatten(),
      layers.dropout({ rate, seed: 5 }),
      layers.dense({ units: 4, kernelInitializer: seeded(2), kernelRegularizer }),
    ],
  });
}

test('regularisation raises the loss by its penalty: the strength times the sum of squares', async () => {
  const [bare, ...regular] = [0, 0.001, 0.01, 0.1].map((strength) => ({ strength, model: penalized(strength, 0) }));
  const data = noise(bare!.model);
  const without = await lossOfFirst(bare!.model, data, crossEntropy());
  const squares = bare!.model.trainableWeights
    .filter(({ originalName }) => originalName.endsWith('kernel'))
    .flatMap((weight) => Array.from(weight.read().dataSync()))
    .reduce((sum, value) => sum + value ** 2, 0);
  for (const { strength, model } of regular) {
    const loss = await lossOfFirst(model, data, crossEntropy());
    expect(loss - without).toBeCloseTo(strength * squares, 5);
    expect(loss).toBeGreaterThan(without);
  }
});

describe('sanityChecks', () => {
  const numbersOf = (model: LayersModel) => ({
    weights: namedVariables(model).map(({ variable }) => Array.from(variable.dataSync())),
    layers: layerStates(model),
    rates: model.layers.map((layer) => (layer as { rate?: number }).rate),
  });
  const named = ({ checks }: Awaited<ReturnType<typeof sanityChecks>>, name: string) =>
    checks.find((check) => check.name === name)!;

  test('passes a sound net, in spite of its dropout and penalties, and leaves no trace', async () => {
    const model = penalized(0.01);
    const optimizer = new Sgd({ learningRate: 0.01, momentum: 0.9 });
    const before = numbersOf(model);
    const { numTensors } = tf.memory();
    const report = await sanityChecks(model, noise(model));
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(report.checks.map(({ name, passed }) => [name, passed])).toEqual([
      ['initial loss', true],
      ['regularisation', true],
      ['overfitting', true],
    ]);
    expect(report.passed).toBe(true);
    expect(named(report, 'initial loss').message).toMatch(/^initial loss: [\d.]+, chance among 4 classes gives 1.39$/);
    expect(named(report, 'regularisation').message).toMatch(
      /^regularisation: the loss is [\d.]+ with penalties, [\d.]+ without$/,
    );
    expect(named(report, 'overfitting').message).toMatch(/^overfitting: the loss of 20 pictures is [\d.]+ after \d+ steps$/);
    expect(numbersOf(model)).toEqual(before);
    await sanityChecks(model, noise(model), { optimizer });
    expect(numbersOf(model)).toEqual(before);
    expect(optimizer.iterations).toBe(0);
  });

  test('finds pictures that are not scaled', async () => {
    const model = penalized(0);
    const data = noise(model);
    const raw = changed(data, {
      async *epoch(epoch) {
        for await (const batch of data.epoch(epoch)) yield { ...batch, images: batch.images.map((value) => 128 + 74 * value) };
      },
    });
    // Without batch normalisation, which scales anything.
    const dense = layers.dense({ units: 4, kernelInitializer: seeded(6) });
    const bare = sequential({ layers: [layers.flatten({ inputShape: [8, 8, 2] }), dense] });
    const report = await sanityChecks(bare, raw, { steps: 1 });
    expect(report.passed).toBe(false);
    const { passed, message, found, expected } = named(report, 'initial loss');
    expect(passed).toBe(false);
    expect(found).toBeGreaterThan(5);
    expect(expected).toBe(Math.log(4));
    expect(message).toMatch(/chance among 4 classes gives 1.39; look at the scale of the pictures and of the first weights$/);
    expect(named(await sanityChecks(bare, data, { steps: 1 }), 'initial loss').passed).toBe(true);
  });

  test('finds a net that cannot learn', async () => {
    const model = penalized(0);
    const report = await sanityChecks(model, noise(model), { optimizer: new Sgd({ learningRate: 1e-9 }), steps: 5 });
    expect(named(report, 'overfitting')).toMatchObject({ passed: false, expected: 0.01 * Math.log(4) });
    expect(named(report, 'overfitting').message).toMatch(/after 5 steps, expected at most 0.0139; look at the learning rate/);
  });

  test('finds a net whose loss is no number, and penalties that weigh nothing', async () => {
    const model = penalized(0.01);
    for (const weight of model.weights) weight.write(tf.tidy(() => tf.mul(weight.read(), 0)));
    const zero = await sanityChecks(model, noise(model), { steps: 1 });
    expect(named(zero, 'regularisation')).toMatchObject({ passed: false, found: Math.fround(Math.log(4)) });
    model.weights[0]!.write(tf.fill(model.weights[0]!.shape as number[], NaN));
    const broken = await sanityChecks(model, noise(model));
    expect(broken.checks.map(({ passed }) => passed)).toEqual([false, false, false]);
  });

  test('takes fewer pictures, ends with a signal, refuses what makes no sense', async () => {
    const model = penalized(0);
    const few = await sanityChecks(model, noise(model, 7));
    expect(named(few, 'overfitting').message).toContain('the loss of 7 pictures');
    const before = numbersOf(model);
    const data = noise(model, 50);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(sanityChecks(model, data, { signal })).rejects.toThrow('enough');
    expect(numbersOf(model)).toEqual(before);
    await expect(sanityChecks(model, changed(data, { count: 0 }))).rejects.toThrow(
      'sanityChecks: data must be a source with pictures, got 0',
    );
    await expect(sanityChecks(model, data, { steps: 0 })).rejects.toThrow(
      'sanityChecks: steps must be a positive integer, got 0',
    );
    await expect(sanityChecks(model, data, { pictures: 0 })).rejects.toThrow('pictures must be a positive integer, got 0');
  });
});
