import '../src/index.js';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import * as layers from '../src/layers/index.js';

type Net = tfl.Sequential;

const pictures = (): tf.Tensor4D => tf.randomNormal([6, 8, 8, 2], 0, 1, 'float32', 3);
const labels = (): tf.Tensor2D => tf.oneHot(tf.tensor1d([0, 1, 2, 1, 0, 2], 'int32'), 3, 1, 0, 'float32') as tf.Tensor2D;

/** The same net twice, with equal weights: of the package's layers, and of tfjs's own. */
const twins: Record<string, () => [own: Net, stock: Net]> = {
  'convolutions, max pools and dense layers': () => [
    tfl.sequential({
      layers: [
        layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [8, 8, 2] }),
        layers.maxPooling2d(),
        layers.conv2d({
          filters: 6,
          kernelSize: [3, 2],
          strides: [1, 2],
          activation: 'tanh',
          kernelRegularizer: tfl.regularizers.l2({ l2: 0.01 }),
        }),
        layers.flatten(),
        layers.dense({ units: 8, activation: 'elu', biasInitializer: 'ones' }),
        layers.dense({ units: 3, activation: 'softmax', useBias: false }),
      ],
    }),
    tfl.sequential({
      layers: [
        tfl.layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [8, 8, 2] }),
        tfl.layers.maxPooling2d({}),
        tfl.layers.conv2d({
          filters: 6,
          kernelSize: [3, 2],
          strides: [1, 2],
          activation: 'tanh',
          kernelRegularizer: tfl.regularizers.l2({ l2: 0.01 }),
        }),
        tfl.layers.flatten(),
        tfl.layers.dense({ units: 8, activation: 'elu', biasInitializer: 'ones' }),
        tfl.layers.dense({ units: 3, activation: 'softmax', useBias: false }),
      ],
    }),
  ],
  'depthwise convolution, average pools and batch normalisation': () => [
    tfl.sequential({
      layers: [
        layers.zeroPadding2d({ padding: 1, inputShape: [8, 8, 2] }),
        layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, activation: 'relu' }),
        layers.averagePooling2d({ poolSize: 2 }),
        layers.batchNormalization({ momentum: 0.8 }),
        layers.conv2d({ filters: 5, kernelSize: 3, useBias: false }),
        layers.batchNormalization({ momentum: 0.9, epsilon: 1e-2 }),
        layers.activation({ activation: 'relu' }),
        layers.globalAveragePooling2d(),
        layers.dense({ units: 3, activation: 'softmax' }),
      ],
    }),
    tfl.sequential({
      layers: [
        tfl.layers.zeroPadding2d({ padding: [1, 1], inputShape: [8, 8, 2] }),
        tfl.layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, activation: 'relu' }),
        tfl.layers.averagePooling2d({ poolSize: 2, strides: [2, 2] }),
        tfl.layers.batchNormalization({ momentum: 0.8 }),
        tfl.layers.conv2d({ filters: 5, kernelSize: 3, useBias: false }),
        tfl.layers.batchNormalization({ momentum: 0.9, epsilon: 1e-2 }),
        tfl.layers.activation({ activation: 'relu' }),
        tfl.layers.globalAveragePooling2d({}),
        tfl.layers.dense({ units: 3, activation: 'softmax' }),
      ],
    }),
  ],
};

async function losses(net: Net, steps: number): Promise<number[]> {
  net.compile({ optimizer: tf.train.momentum(0.05, 0.9), loss: 'categoricalCrossentropy' });
  const [x, y] = [pictures(), labels()];
  const all: number[] = [];
  for (let i = 0; i < steps; i++) all.push((await net.trainOnBatch(x, y)) as number);
  return all;
}

describe.each(['cpu', 'wasm-cnn'])('on %s', (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
  });

  test.each(Object.entries(twins))('%s: train as the stock layers train on cpu', async (_, make) => {
    const [own, stock] = make();
    const weights = await Promise.all(own.getWeights().map(async (w) => ({ values: await w.data(), shape: w.shape })));
    const steps = 8;
    const ownLosses = await losses(own, steps);
    const trained = await Promise.all(own.getWeights().map((w) => w.data()));

    await tf.setBackend('cpu');
    stock.setWeights(weights.map(({ values, shape }) => tf.tensor(values, shape)));
    const stockLosses = await losses(stock, steps);
    const stockTrained = await Promise.all(stock.getWeights().map((w) => w.data()));
    await tf.setBackend(backend);

    expect(own.getWeights().map(({ shape }) => shape)).toEqual(stock.getWeights().map(({ shape }) => shape));
    expect(ownLosses[steps - 1]).toBeLessThan(ownLosses[0]!);
    // Both round differently, and each step starts from the other's rounding: some hundred float32 epsilons.
    for (const [i, loss] of ownLosses.entries()) expect(Math.abs(loss / stockLosses[i]! - 1)).toBeLessThan(2e-5);
    trained.forEach((values, k) => {
      const worst = (values as Float32Array).reduce((most, v, i) => Math.max(most, Math.abs(v - stockTrained[k]![i]!)), 0);
      expect(worst).toBeLessThan(5e-5);
    });
  });

  test('no tensor is left behind in 50 steps', async () => {
    const net = tfl.sequential({
      layers: [
        layers.conv2d({
          filters: 4,
          kernelSize: 3,
          padding: 1,
          dilationRate: 2,
          groups: 2,
          activation: 'silu',
          inputShape: [8, 8, 2],
        }),
        layers.batchNormalization({ activation: 'relu' }),
        layers.localResponseNormalization(),
        layers.l2Pooling2d(),
        layers.tableConv2d({ kernelSize: 2, connections: [[0, 1], [2], [1, 3]], activation: 'scaledTanh' }),
        layers.subsampling2d({ activation: 'scaledTanh' }),
        layers.dropout({ rate: 0.3, seed: 1 }),
        layers.adaptiveMaxPooling2d({ outputSize: 1 }),
        layers.flatten(),
        layers.dense({ units: 4 }),
        layers.maxout({ pieces: 2 }),
        layers.rbfOutput({
          codes: [
            [1, 1],
            [1, -1],
            [-1, -1],
          ],
        }),
        layers.activation({ activation: 'softmax' }),
      ],
    });
    net.compile({ optimizer: tf.train.sgd(0.01), loss: 'categoricalCrossentropy' });
    const [x, y] = [pictures(), labels()];
    await net.trainOnBatch(x, y);
    const { numTensors } = tf.memory();
    for (let i = 0; i < 50; i++) await net.trainOnBatch(x, y);
    expect(tf.memory().numTensors).toBe(numTensors);
    net.dispose();
  });

  test('a frozen layer stays as it is, the others learn', async () => {
    const frozen = layers.conv2d({ filters: 4, kernelSize: 3, trainable: false, inputShape: [8, 8, 2] });
    const net = tfl.sequential({ layers: [frozen, layers.flatten(), layers.dense({ units: 3, activation: 'softmax' })] });
    const [before, headBefore] = [frozen, net.layers[2]!].map((layer) => layer.getWeights()[0]!.dataSync());
    await losses(net, 2);
    expect(frozen.getWeights()[0]!.dataSync()).toEqual(before);
    expect(net.layers[2]!.getWeights()[0]!.dataSync()).not.toEqual(headBefore);
  });

  test('a dilated, strided, grouped convolution with uneven pads learns to be another', async () => {
    const options = {
      filters: 4,
      kernelSize: 3,
      strides: 2,
      dilationRate: 2,
      groups: 2,
      padding: { top: 2, bottom: 1, left: 0, right: 3 },
      inputShape: [8, 8, 2],
    };
    const teacher = tfl.sequential({ layers: [layers.conv2d({ ...options, biasInitializer: 'ones' })] });
    const pupil = tfl.sequential({ layers: [layers.conv2d(options)] });
    pupil.compile({ optimizer: tf.train.adam(0.1), loss: 'meanSquaredError' });
    const x = pictures();
    const y = teacher.predict(x) as tf.Tensor;
    let loss = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 150; i++) loss = (await pupil.trainOnBatch(x, y)) as number;
    expect(loss).toBeLessThan(1e-3);
  });
});

describe('batch normalisation', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  const x = () => tf.tensor2d([1, 2, 3, 6, 5, 7], [3, 2]);
  const values = (layer: tfl.layers.Layer, weight: string): number[] => [
    ...layer.weights
      .find(({ originalName }) => originalName.endsWith(weight))!
      .read()
      .dataSync(),
  ];
  const close = (found: number[], expected: number[]): void => {
    for (const [i, v] of found.entries()) expect(v).toBeCloseTo(expected[i]!, 5);
  };

  test('running statistics: momentum * old + (1 - momentum) * batch, of the biased variance', () => {
    const layer = layers.batchNormalization({ momentum: 0.75 });
    layer.apply(x(), { training: true });
    close(
      values(layer, 'moving_mean'),
      [3, 5].map((mean) => 0.25 * mean),
    );
    close(
      values(layer, 'moving_variance'),
      [8 / 3, 14 / 3].map((variance) => 0.75 + 0.25 * variance),
    );
  });

  test("with unbiasedVariance the running variance is PyTorch's", () => {
    const layer = layers.batchNormalization({ momentum: 0.75, unbiasedVariance: true });
    layer.apply(x(), { training: true });
    close(
      values(layer, 'moving_variance'),
      [4, 7].map((variance) => 0.75 + 0.25 * variance),
    );
  });

  test('a frozen one runs in inference mode and leaves its statistics alone', () => {
    const layer = layers.batchNormalization({ trainable: false });
    const y = layer.apply(x(), { training: true }) as tf.Tensor;
    close(
      [...y.dataSync()],
      [...x().dataSync()].map((v) => v / Math.sqrt(1.001)),
    );
    expect(values(layer, 'moving_mean')).toEqual([0, 0]);
    expect(values(layer, 'moving_variance')).toEqual([1, 1]);
  });

  test('frozen and thawed again', () => {
    const layer = layers.batchNormalization({ momentum: 0.5 });
    layer.apply(x(), { training: true });
    layer.trainable = false;
    layer.apply(x(), { training: true });
    close(values(layer, 'moving_mean'), [1.5, 2.5]);
    layer.trainable = true;
    layer.apply(x(), { training: true });
    close(values(layer, 'moving_mean'), [2.25, 3.75]);
  });

  test.each([
    [{ scale: false }, 1],
    [{ center: false }, 1],
    [{ scale: false, center: false }, 0],
    [{ activation: 'relu' as const }, 2],
  ])('trains with %j', async (options, trainable) => {
    const layer = layers.batchNormalization(options);
    const net = tfl.sequential({ layers: [layers.dense({ units: 4, inputShape: [2] }), layer, layers.dense({ units: 1 })] });
    net.compile({ optimizer: tf.train.sgd(0.05), loss: 'meanSquaredError' });
    expect(layer.trainableWeights).toHaveLength(trainable);
    const first = (await net.trainOnBatch(x(), tf.tensor2d([1, -1, 0], [3, 1]))) as number;
    let last = first;
    for (let i = 0; i < 30; i++) last = (await net.trainOnBatch(x(), tf.tensor2d([1, -1, 0], [3, 1]))) as number;
    expect(last).toBeLessThan(first);
  });
});

describe('dropout', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  const masks = (layer: tfl.layers.Layer): number[][] =>
    [1, 2, 3].map(() => [...(layer.apply(tf.ones([4, 50]), { training: true }) as tf.Tensor).dataSync()]);

  test('every step has a mask of its own, and the seed tells all of them', () => {
    const first = masks(layers.dropout({ rate: 0.4, seed: 5 }));
    expect(masks(layers.dropout({ rate: 0.4, seed: 5 }))).toEqual(first);
    expect(first[1]).not.toEqual(first[0]);
    expect(first[2]).not.toEqual(first[1]);
    expect(masks(layers.dropout({ rate: 0.4, seed: 6 }))).not.toEqual(first);
    expect(masks(layers.dropout({ rate: 0.4 }))).not.toEqual(masks(layers.dropout({ rate: 0.4 })));
  });

  test('what is kept is scaled up; outside of training nothing happens', () => {
    const layer = layers.dropout({ rate: 0.5, seed: 1 });
    const [mask] = masks(layer);
    expect(new Set(mask)).toEqual(new Set([0, 2]));
    const kept = mask!.filter((v) => v > 0).length;
    expect(kept).toBeGreaterThan(70);
    expect(kept).toBeLessThan(130);
    expect([...(layer.apply(tf.ones([1, 3])) as tf.Tensor).dataSync()]).toEqual([1, 1, 1]);
  });
});
