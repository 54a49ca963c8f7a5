import '../src/index.js';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import type { ImageDataset } from '../src/data/dataset.js';
import { syntheticDigits } from '../src/data/digits.js';
import { normalizationOf } from '../src/data/normalization.js';
import * as layers from '../src/layers/index.js';
import {
  checkLearningRate,
  cosineDecay,
  createOptimizer,
  evaluate,
  MomentumSgd,
  stepDecay,
  type TrainOptions,
  trainModel,
  warmUp,
} from '../src/train/index.js';
import { leNet5 } from '../src/zoo/le-net.js';

/** Pictures of 2 x 2, left half bright or right half bright, with some grain: two classes that a line divides. */
function halves(count: number): ImageDataset {
  const labels = Int32Array.from({ length: count }, (_, i) => (i * 7) % 2);
  const images = Uint8Array.from({ length: 4 * count }, (_, k) => ((k & 1) === labels[k >> 2] ? 200 : 40) + ((k * 13) % 30));
  return { images, labels, count, height: 2, width: 2, channels: 1, classNames: ['left', 'right'], sourceDescription: 'halves' };
}

function linear(): tfl.LayersModel {
  const kernelInitializer = tfl.initializers.glorotUniform({ seed: 1 });
  return tfl.sequential({
    layers: [tfl.layers.flatten({ inputShape: [2, 2, 1] }), tfl.layers.dense({ units: 2, kernelInitializer })],
  });
}

function optionsFor(train: ImageDataset, others: Partial<TrainOptions> = {}): TrainOptions {
  const learningRate = others.learningRate ?? 0.1;
  const optimizer = others.optimizer ?? new MomentumSgd(0.1);
  return { train, normalization: normalizationOf(train), epochs: 2, batchSize: 8, learningRate, ...others, optimizer };
}

describe.each(['cpu', 'wasm-cnn'])('trainModel on %s', (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
  });

  it('adds the penalties of the layers to the loss', async () => {
    const trained = async (l2: number) => {
      const kernelRegularizer = l2 > 0 ? tfl.regularizers.l2({ l2 }) : undefined;
      const kernelInitializer = tfl.initializers.glorotUniform({ seed: 1 });
      const model = tfl.sequential({
        layers: [layers.flatten({ inputShape: [2, 2, 1] }), layers.dense({ units: 2, kernelInitializer, kernelRegularizer })],
      });
      const { epochs } = await trainModel(model, optionsFor(halves(50)));
      const size = tf.tidy(() => tf.sum(tf.square(model.getWeights()[0]!)).dataSync()[0]!);
      model.dispose();
      return { size, loss: epochs[1]!.train.loss };
    };
    const [free, penalised] = [await trained(0), await trained(0.5)];
    expect(penalised.size).toBeLessThan(0.5 * free.size);
    expect(penalised.loss).toBeGreaterThan(free.loss);
  });

  it('learns, tells about every step, and scores the last, smaller batch too', async () => {
    const model = linear();
    const seen: number[] = [];
    const options = optionsFor(halves(50), { test: halves(20), onProgress: ({ step, steps }) => seen.push(step, steps) });
    const { epochs, steps, imagesPerSecond } = await trainModel(model, options);
    expect(epochs.map(({ epoch, train, test }) => [epoch, train.count, test?.count])).toEqual([
      [1, 50, 20],
      [2, 50, 20],
    ]);
    expect(epochs[1].test?.accuracy).toBe(1);
    expect(epochs[1].train.loss).toBeLessThan(epochs[0].train.loss);
    expect(steps.map(({ count }) => count)).toEqual([8, 8, 8, 8, 8, 8, 2, 8, 8, 8, 8, 8, 8, 2]);
    expect(seen.slice(-2)).toEqual([14, 14]);
    expect(imagesPerSecond).toBeGreaterThan(0);
    model.dispose();
  });

  it.each(['sgd', 'adam'] as const)('leaves nothing behind: %s', async (name) => {
    const model = linear();
    const before = tf.memory().numTensors;
    const run = (epochs: number) =>
      trainModel(model, optionsFor(halves(20), { test: halves(10), epochs, optimizer: createOptimizer(name, 0.1) }));
    await run(1);
    const after = tf.memory().numTensors;
    await run(3);
    expect([after, tf.memory().numTensors]).toEqual([before, before]);
    model.dispose();
  });

  it('says that the loss is no number any more, and leaves nothing behind', async () => {
    const model = linear();
    const before = tf.memory().numTensors;
    const options = optionsFor(halves(50), { learningRate: 1e38, epochs: 5 });
    await expect(trainModel(model, options)).rejects.toThrow(
      /the loss is (NaN|Infinity) after \d+ steps; a lower learning rate may help/,
    );
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
  });

  it('ends between two steps when aborted, with the reason given', async () => {
    const model = linear();
    const before = tf.memory().numTensors;
    const abort = new AbortController();
    const onEpoch = () => abort.abort(new Error('enough'));
    await expect(trainModel(model, optionsFor(halves(50), { epochs: 1000, signal: abort.signal, onEpoch }))).rejects.toThrow(
      'enough',
    );
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
  });
});

describe('trainModel', () => {
  beforeAll(async () => {
    await tf.setBackend('wasm-cnn');
  });

  it('trains LeNet-5 the same way for the same seed', async () => {
    const { train, test } = syntheticDigits({ train: 320, test: 50 });
    const losses = async (seed: number) => {
      const model = leNet5({ seed });
      const { steps } = await trainModel(model, {
        ...optionsFor(train, { test, epochs: 1, batchSize: 32, learningRate: 0.02 }),
        seed,
      });
      model.dispose();
      return steps.map(({ loss }) => loss);
    };
    const first = await losses(1);
    expect(await losses(1)).toEqual(first);
    expect(await losses(2)).not.toEqual(first);
    expect(first[9]).toBeLessThan(first[0]);
  });

  it('sets the learning rate of every step as the schedule says', async () => {
    const rates: number[] = [];
    const optimizer = createOptimizer('sgd', 0.1);
    optimizer.setLearningRate = (rate) => void rates.push(rate);
    const model = linear();
    await trainModel(
      model,
      optionsFor(halves(16), { epochs: 2, learningRate: 0.5, optimizer, schedule: (progress) => 1 - progress }),
    );
    expect(rates).toEqual([0.5, 0.375, 0.25, 0.125]);
    model.dispose();
  });

  it('refuses numbers that make no sense', async () => {
    const model = linear();
    const refusal = (others: Partial<TrainOptions>) =>
      trainModel(model, optionsFor(halves(8), others)).catch((error: Error) => error.message);
    expect(await refusal({ learningRate: NaN })).toBe('learningRate must be a positive number, got NaN');
    expect(await refusal({ epochs: 0 })).toBe('epochs must be a positive integer, got 0');
    expect(await refusal({ batchSize: NaN })).toBe('batches: batchSize must be a positive integer, got NaN');
    expect(await refusal({ train: { ...halves(8), count: 0 } })).toBe('the training part must have pictures, got none');
    expect(() => createOptimizer('sgd', NaN)).toThrow(/got NaN/);
    expect(() => createOptimizer('magic' as 'sgd', 0.1)).toThrow('optimizer must be one of sgd, adam, got "magic"');
    model.dispose();
  });
});

it('evaluate gives mean loss and share of right answers over all pictures', async () => {
  await tf.setBackend('wasm-cnn');
  const model = linear();
  const dataset = halves(23);
  const normalization = normalizationOf(dataset);
  const whole = await evaluate(model, dataset, { normalization, batchSize: 23 });
  const parts = await evaluate(model, dataset, { normalization, batchSize: 5 });
  expect(parts.count).toBe(23);
  expect(parts.accuracy).toBe(whole.accuracy);
  expect(parts.loss).toBeCloseTo(whole.loss, 6);
  model.dispose();
});

describe('MomentumSgd', () => {
  it.each(['cpu', 'wasm-cnn'])("takes the steps of tf's momentum optimizer: %s", async (backend) => {
    await tf.setBackend(backend);
    const start = Array.from({ length: 1003 }, (_, i) => Math.sin(i));
    const path = (optimizer: tf.Optimizer) => {
      const x = tf.tensor1d(start).variable();
      for (let i = 0; i < 5; i++) optimizer.minimize(() => tf.sum(tf.square(tf.sub(x, 2))) as tf.Scalar, false, [x]);
      const values = x.dataSync();
      x.dispose();
      optimizer.dispose();
      return values;
    };
    const expected = path(tf.train.momentum(0.05, 0.9));
    // Five steps of three roundings each, of numbers below 4.
    path(new MomentumSgd(0.05)).forEach((value, i) => {
      expect(Math.abs(value - expected[i])).toBeLessThanOrEqual(15 * 4 * 2 ** -24);
    });
  });

  it('leaves variables alone that the loss does not depend on', async () => {
    const [x, other] = [tf.scalar(1).variable(), tf.scalar(7).variable()];
    const optimizer = new MomentumSgd(0.5);
    optimizer.applyGradients({ [x.name]: tf.scalar(1) });
    expect([x.dataSync()[0], other.dataSync()[0], optimizer.iterations]).toEqual([0.5, 7, 1]);
    tf.dispose([x, other]);
    optimizer.dispose();
  });
});

describe('learning rates', () => {
  it('follow their curves', () => {
    expect([0, 0.5, 1].map(cosineDecay)).toEqual([1, expect.closeTo(0.5), 0]);
    expect([0, 0.49, 0.5, 0.74, 0.75, 1].map(stepDecay)).toEqual([1, 1, 0.1, 0.1, 0.01, 0.01]);
    expect([0, 0.05, 0.099, 0.2, 0.9].map(warmUp(() => 1, 0.1))).toEqual([0.01, expect.closeTo(0.51), 1, 1, 1]);
  });
  it.each([NaN, 0, -1, Infinity])('%s is refused', (rate) => {
    expect(() => checkLearningRate(rate)).toThrow(`learningRate must be a positive number, got ${rate}`);
  });
});
