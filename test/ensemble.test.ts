/** Nets put together: their predictions, their weights. */
import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, sequential, layers as tfLayers } from '@tensorflow/tfjs-layers';
import { syntheticDigits } from '../src/data/index.js';
import { layers } from '../src/index.js';
import { averageCheckpoints } from '../src/train/average-checkpoints.js';
import { updateBatchNormStatistics } from '../src/train/batch-norm-statistics.js';
import type { Snapshot } from '../src/train/checkpoints/checkpoint-store.js';
import { averagePredictions, Ensemble } from '../src/train/ensemble.js';
import { evaluate } from '../src/train/evaluate.js';
import { Sgd } from '../src/train/optimizers/sgd.js';
import { layerStates, namedVariables, type Trainable } from '../src/train/trainable.js';
import { Trainer } from '../src/train/trainer.js';
import { halves, Kept, linear } from './learning-tasks.js';
import { changed, pictureSource } from './picture-source.js';

beforeAll(() => tf.setBackend('wasm-cnn'));

const digits = syntheticDigits({ train: 50, test: 0 }, 7).train;

/** One dense layer. */
function classifier(seed: number, activation?: 'softmax'): LayersModel {
  const kernelInitializer = { className: 'HeNormal', config: { seed } } as never;
  return sequential({
    layers: [layers.flatten({ inputShape: [28, 28, 1] }), layers.dense({ units: 10, kernelInitializer, activation })],
  });
}

const pictures = (count: number) => tf.randomUniform([count, 28, 28, 1], 0, 1, 'float32', 3);

function softmaxOf(row: readonly number[]): number[] {
  const shares = row.map((value) => Math.exp(value - Math.max(...row)));
  const sum = shares.reduce((a, b) => a + b);
  return shares.map((value) => value / sum);
}

const meanOf = (rows: readonly (readonly number[])[]) =>
  rows[0]!.map((_, i) => rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length);

/** Sums of 10 products of float32. */
const expectClose = (found: ArrayLike<number>, expected: ArrayLike<number>, bound = 2e-6) => {
  expect(found.length).toBe(expected.length);
  for (let i = 0; i < found.length; i++) expect(Math.abs(found[i]! - expected[i]!)).toBeLessThan(bound);
};

describe('averaged predictions', () => {
  const rows = [
    [
      [1, 2, 3],
      [0, 0, 0],
    ],
    [
      [3, 0, -1],
      [100, -100, 0],
    ],
  ];
  const logits = () => rows.map((values) => tf.tensor2d(values));

  test('mean of probabilities', () => {
    const expected = [0, 1].map((b) => meanOf(rows.map((net) => softmaxOf(net[b]!))));
    expectClose(averagePredictions(logits()).dataSync(), expected.flat());
  });

  test('mean of logits', () => {
    const expected = [0, 1].map((b) => softmaxOf(meanOf(rows.map((net) => net[b]!))));
    expectClose(averagePredictions(logits(), 'logits').dataSync(), expected.flat());
  });
});

describe('an ensemble', () => {
  test.each(['probabilities', 'logits'] as const)('is what its nets say together: %s', (averaging) => {
    const nets = [classifier(1), classifier(2), classifier(3)];
    const x = pictures(7);
    const expected = averagePredictions(
      nets.map((net) => net.predict(x) as tf.Tensor2D),
      averaging,
    ).dataSync();
    const { numTensors } = tf.memory();
    const ensemble = new Ensemble(nets, { averaging });
    const whole = ensemble.predict(x);
    const parts = ensemble.predict(x, { batchSize: 3 });
    expect(whole.shape).toEqual([7, 10]);
    expectClose(whole.dataSync(), expected);
    expectClose(parts.dataSync(), expected);
    expectClose(tf.softmax(ensemble.apply(x)).dataSync(), expected);
    tf.dispose([whole, parts]);
    // The two tensors of the line above.
    expect(tf.memory().numTensors).toBe(numTensors + 2);
  });

  test('takes nets that end in softmax, and functions', () => {
    const [net, twin] = [classifier(1), classifier(1, 'softmax')];
    const x = pictures(4);
    const expected = tf.softmax(net.predict(x) as tf.Tensor2D).dataSync();
    const plain: Trainable = { apply: (input: tf.Tensor) => net.apply(input) as tf.Tensor, variables: [] };
    for (const averaging of ['probabilities', 'logits'] as const) {
      expectClose(new Ensemble([net, twin, plain], { averaging }).predict(x).dataSync(), expected);
    }
    expect(new Ensemble([net, twin, plain]).variables).toHaveLength(4);
  });

  test('is scored like a net: its loss is that of the mean probabilities', async () => {
    const nets = [classifier(1), classifier(2)];
    const data = pictureSource(digits, 20);
    const score = await evaluate(new Ensemble(nets), data);
    let sum = 0;
    let right = 0;
    for await (const { images, labels, size } of data.epoch(0)) {
      const x = tf.tensor(images, [size, 28, 28, 1]);
      const rows = nets.map((net) => (tf.softmax(net.predict(x) as tf.Tensor2D) as tf.Tensor2D).arraySync());
      labels.forEach((label, b) => {
        const shares = meanOf(rows.map((net) => net[b]!));
        sum -= Math.log(shares[label]!);
        if (shares.indexOf(Math.max(...shares)) === label) right++;
      });
    }
    expect(score.loss).toBeCloseTo(sum / 50, 5);
    expect(score.accuracy).toBe(right / 50);
  });

  test('a certain error costs a finite loss', () => {
    const certain: Trainable = { apply: () => tf.tensor2d([[200, 0]]), variables: [] };
    const [log] = tf
      .logSoftmax(new Ensemble([certain, certain]).apply(tf.scalar(0)))
      .dataSync()
      .slice(1);
    expect(log).toBeCloseTo(-200, 3);
  });

  test('misuse', () => {
    expect(() => new Ensemble([])).toThrow('Ensemble: nets must be a list of nets, got []');
    expect(() => new Ensemble([classifier(1)], { averaging: 'votes' as never })).toThrow(
      'Ensemble: averaging must be one of "probabilities", "logits", got "votes"',
    );
    expect(() => averagePredictions([tf.ones([1, 2]), tf.ones([1, 3])])).toThrow(
      'averagePredictions: logits must be of one shape [batch, classes], got ["[1,2]","[1,3]"]',
    );
    expect(() => averagePredictions([])).toThrow('averagePredictions: logits must be of one shape');
    expect(() => new Ensemble([classifier(1)]).predict(pictures(1), { batchSize: 0 })).toThrow(
      'batchSize must be a positive integer',
    );
  });
});

describe('averaged checkpoints', () => {
  /** As training writes them, but for what is no weight. */
  function snapshotOf(net: Trainable): Snapshot {
    const weights = namedVariables(net).map(({ name, variable }) => [
      `weights/${name}`,
      { values: variable.dataSync() as Float32Array, shape: variable.shape },
    ]);
    return { state: {}, tensors: { ...Object.fromEntries(weights), 'optimizer/x': { values: new Float32Array(1), shape: [] } } };
  }

  /** Three checkpoints of one net. */
  function trained(): { net: LayersModel; snapshots: Snapshot[] } {
    const net = classifier(1);
    const snapshots = [2, 3, 4].map((seed) => {
      net.setWeights(classifier(seed).getWeights());
      const { state, tensors } = snapshotOf(net);
      return {
        state,
        tensors: Object.fromEntries(Object.entries(tensors).map(([name, t]) => [name, { ...t, values: t.values.slice() }])),
      };
    });
    return { net, snapshots };
  }

  test('give a net the mean of their weights', () => {
    const { net, snapshots } = trained();
    const { numTensors } = tf.memory();
    averageCheckpoints(net, snapshots);
    expect(tf.memory().numTensors).toBe(numTensors);
    for (const { name, variable } of namedVariables(net)) {
      const all = snapshots.map(({ tensors }) => Array.from(tensors[`weights/${name}`]!.values));
      expect(Array.from(variable.dataSync())).toEqual(meanOf(all).map(Math.fround));
    }
  });

  test('of a real training', async () => {
    const net = linear();
    const store = new Kept();
    const pictures = halves(24);
    const trainer = new Trainer(net, { optimizer: new Sgd({ learningRate: 0.1, momentum: 0.9 }), checkpoints: { store } });
    await trainer.fit(pictureSource(pictures, 8), { epochs: 3 });
    const snapshots = store.checkpoints.map(({ snapshot }) => snapshot);
    expect(snapshots).toHaveLength(3);
    averageCheckpoints(net, snapshots);
    const kernels = snapshots.map(({ tensors }) => Object.entries(tensors).find(([name]) => /^weights.*kernel/.test(name))![1]);
    const mean = meanOf(kernels.map(({ values }) => Array.from(values))).map(Math.fround);
    expect(Array.from(net.trainableWeights[0]!.read().dataSync())).toEqual(mean);
  });

  test('that do not fit leave the net as it is', () => {
    const { net, snapshots } = trained();
    const before = snapshotOf(net);
    const { tensors } = snapshots[0]!;
    const [bias] = Object.keys(tensors).filter((name) => name.endsWith('bias'));
    const other = { state: {}, tensors: { ...tensors, [bias!]: { values: new Float32Array(9), shape: [9] } } };
    expect(() => averageCheckpoints(net, [])).toThrow(
      "averageCheckpoints: snapshots must be a list of checkpoints' snapshots, got []",
    );
    expect(() => averageCheckpoints(net, [...snapshots, other])).toThrow(
      /averageCheckpoints: snapshots must be of one net, but 'weights\/.*bias' is \[10\] in one and \[9\] in another/,
    );
    expect(() => averageCheckpoints(net, [other])).toThrow(/bias' must be \[10\], found \[9\]/);
    expect(() => averageCheckpoints(net, [snapshots[0]!, { state: {}, tensors: {} }])).toThrow('missing in another');
    expect(snapshotOf(net)).toEqual(before);
  });
});

describe('statistics of batch normalisation', () => {
  const eps = 1e-3;

  /** Ours and tfjs's, and a dropout behind them. */
  function normalized(): LayersModel {
    return sequential({
      layers: [
        layers.batchNormalization({ inputShape: [28, 28, 1], momentum: 0.9, epsilon: eps }),
        tfLayers.batchNormalization({ momentum: 0.8, epsilon: eps }),
        layers.dropout({ rate: 0.5, seed: 1 }),
      ],
    });
  }

  /** Means and variances of every batch, of the pictures as the net sees them. */
  async function batchMoments(): Promise<{ mean: number; variance: number }[]> {
    const moments = [];
    for await (const { images } of pictureSource(digits, 20).epoch(0)) {
      const mean = images.reduce((sum, value) => sum + value, 0) / images.length;
      moments.push({ mean, variance: images.reduce((sum, value) => sum + (value - mean) ** 2, 0) / images.length });
    }
    return moments;
  }

  test('become the means over the batches, whatever they were', async () => {
    const model = normalized();
    const weights = () => model.weights.map((weight) => [weight.originalName, weight.read().dataSync()[0]!] as const);
    const statistic = (layer: number, name: string) => weights().filter(([weight]) => weight.endsWith(name))[layer]![1];
    for (const weight of model.weights.filter(({ trainable }) => !trainable)) weight.write(tf.fill([1], 55));
    const state = layerStates(model);
    const { numTensors } = tf.memory();
    await updateBatchNormStatistics(model, pictureSource(digits, 20));
    expect(tf.memory().numTensors).toBe(numTensors);
    const moments = await batchMoments();
    expect(moments).toHaveLength(3);
    expect(statistic(0, 'moving_mean')).toBeCloseTo(meanOf(moments.map(({ mean }) => [mean]))[0]!, 5);
    expect(statistic(0, 'moving_variance')).toBeCloseTo(meanOf(moments.map(({ variance }) => [variance]))[0]!, 5);
    // What comes out of the first has mean 0 and variance v / (v + epsilon) in every batch.
    expect(statistic(1, 'moving_mean')).toBeCloseTo(0, 4);
    const left = moments.map(({ variance }) => [variance / (variance + eps)]);
    expect(statistic(1, 'moving_variance')).toBeCloseTo(meanOf(left)[0]!, 4);
    expect(layerStates(model)).toEqual(state);
    expect(
      weights()
        .filter(([name]) => /gamma|beta/.test(name))
        .map(([, value]) => value),
    ).toEqual([1, 0, 1, 0]);
    expect(model.layers.slice(0, 2).map((layer) => (layer as unknown as { momentum: number }).momentum)).toEqual([0.9, 0.8]);
  });

  test('are left alone where the layer is frozen, and where there are none', async () => {
    const model = sequential({ layers: [layers.batchNormalization({ inputShape: [28, 28, 1], trainable: false })] });
    await updateBatchNormStatistics(model, pictureSource(digits, 20));
    expect(model.weights.map((weight) => weight.read().dataSync()[0])).toEqual([1, 0, 0, 1]);
    await updateBatchNormStatistics(classifier(1), pictureSource(digits, 20));
  });

  test('end with a signal, momenta as they were', async () => {
    const model = normalized();
    await expect(
      updateBatchNormStatistics(model, pictureSource(digits, 20), { signal: AbortSignal.abort(new Error('enough')) }),
    ).rejects.toThrow('enough');
    expect((model.layers[0] as unknown as { momentum: number }).momentum).toBe(0.9);
    const none = changed(pictureSource(digits, 20), { count: 0 });
    await expect(updateBatchNormStatistics(model, none)).rejects.toThrow(
      'updateBatchNormStatistics: data must be a source with pictures, got 0',
    );
  });
});
