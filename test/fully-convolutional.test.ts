/** Dense layers as convolutions: the same scores at the original size, a map of them on larger pictures. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import {
  input,
  type LayersModel,
  loadLayersModel,
  model as modelOf,
  type SymbolicTensor,
  sequential,
  layers as stock,
} from '@tensorflow/tfjs-layers';
import { ArgumentError, getModel, layers, leNet5, profile, toFullyConvolutional, vgg16 } from '../src/index.js';
import { uniform } from './golden-fill.js';
import { smallNets } from './small-nets.js';

beforeAll(() => tf.setBackend('wasm-cnn'));

const picture = (shape: readonly number[], batch = 2): tf.Tensor4D =>
  tf.tensor(Float32Array.from(uniform('picture', batch * tf.util.sizeFromShape([...shape]))), [batch, ...shape] as never);

const run = (model: LayersModel, x: tf.Tensor): tf.Tensor => model.apply(x) as tf.Tensor;

/**
 * The bound of rounding: n 2^-23 of the sum of magnitudes for every layer of n inputs whose sums go in another order. Every
 * score's magnitudes are taken for the largest score's, which is less than they are; that not all roundings go one way makes
 * up for it many times over.
 */
function expectSameScores(ours: tf.Tensor, theirs: tf.Tensor, model: LayersModel, factor = 1): void {
  const [a, b] = [ours.dataSync(), theirs.dataSync()];
  const all = profile(model).layers;
  const inputs = all.flatMap(({ className }, i) =>
    /Dense$|Global|Rbf/.test(className) ? tf.util.sizeFromShape([...(all[i - 1]?.outputShape ?? [])]) + 1 : [],
  );
  const largest = Math.max(...Array.from(b, Math.abs));
  const bound = factor * inputs.reduce((sum, n) => sum + n, 0) * 2 ** -23 * largest;
  expect(a).toHaveLength(b.length);
  expect(largest).toBeGreaterThan(0);
  expect(Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)))).toBeLessThanOrEqual(bound);
}

/** Running statistics as a training leaves them, so that no normalisation is the identity. */
function disturb(model: LayersModel): void {
  tf.tidy(() => {
    model.setWeights(
      model.weights.map((weight, i) => {
        const value = weight.read();
        if (!/variance|gamma|mean|beta|bias/.test(weight.originalName)) return value;
        const noise = tf.tensor(Float32Array.from(uniform(`noise${i}`, value.size)), value.shape);
        return tf.add(value, tf.mul(noise, 0.1));
      }),
    );
  });
}

const nets: Record<string, () => LayersModel> = {
  ...smallNets,
  'leNet5 of 1998': () => leNet5({ variant: '1998', seed: 1 }),
  'alexNet with bins of several sizes': () => getModel('alexNet', { inputShape: [223, 159, 3], classes: 5, width: 4, seed: 1 }),
  'alexNet of the paper': () => getModel('alexNet', { variant: 'paper', classes: 5, width: 6, seed: 1 }),
  'vgg16 of Keras': () => vgg16({ variant: 'keras', classes: 5, width: 2, seed: 1 }),
  'googLeNet of the paper': () =>
    getModel('googLeNet', { variant: 'paper', inputShape: [40, 40, 3], classes: 5, width: 4, seed: 1 }),
  'resNet50 of Keras': () => getModel('resNet50', { variant: 'keras', inputShape: [40, 40, 3], classes: 5, width: 4, seed: 1 }),
};

type Layer = InstanceType<typeof stock.Layer>;

it.each(Object.entries(nets))('%s gives the same scores', (_, build) => {
  const model = build();
  disturb(model);
  const before = tf.memory().numTensors;
  const net = toFullyConvolutional(model);
  expect(net.getUserDefinedMetadata()).toEqual(model.getUserDefinedMetadata());
  tf.tidy(() => {
    const [, height, width, channels] = model.inputs[0]!.shape as [null, number, number, number];
    const x = picture([height, width, channels]);
    const [ours, theirs] = [run(net, x), run(model, x)];
    expect(ours.shape).toEqual([2, 1, 1, theirs.shape[1]]);
    expectSameScores(ours, theirs, model);
    const shape = [height + 64, width + 32, channels];
    const { jump } = profile(net, { inputShape: shape }).layers.at(-1)!.field!;
    const larger = run(net, picture(shape, 1));
    // Scores are `jump` pixels apart; where windows are cut off or sizes odd, one more or one less fits.
    [64, 32].forEach((more, axis) => {
      expect(Math.abs(larger.shape[axis + 1]! - 1 - more / jump[axis]!)).toBeLessThanOrEqual(1);
    });
    expect(Array.from(larger.dataSync()).every(Number.isFinite)).toBe(true);
  });
  net.dispose();
  expect(tf.memory().numTensors).toBe(before);
  model.dispose();
});

it('is the example of the notes: VGG on 384 x 384 gives 6 x 6 scores, 32 pixels apart', () => {
  const net = toFullyConvolutional(vgg16({ width: 2, classes: 10, seed: 1 }));
  expect(net.inputs[0]!.shape).toEqual([null, null, null, 3]);
  expect(net.getLayer('classifier.0').getWeights()[0]!.shape).toEqual([7, 7, 16, 128]);
  const last = profile(net, { inputShape: [384, 384, 3] }).layers.at(-1)!;
  expect([last.outputShape, last.field!.jump]).toEqual([
    [6, 6, 10],
    [32, 32],
  ]);
});

/** Every place of the map against the net on the crop. */
function expectScoresOfCrops(model: LayersModel, size: readonly [number, number]): void {
  const net = toFullyConvolutional(model);
  tf.tidy(() => {
    const [, height, width, channels] = model.inputs[0]!.shape as [null, number, number, number];
    const x = picture([...size, channels], 1);
    const map = run(net, x) as tf.Tensor4D;
    const { jump } = profile(net, { inputShape: [...size, channels] }).layers.at(-1)!.field!;
    const [, rows, columns, classes] = map.shape;
    expect([rows, columns]).toEqual([1 + (size[0] - height) / jump[0], 1 + (size[1] - width) / jump[1]]);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        const crop = tf.slice4d(x, [0, i * jump[0], j * jump[1], 0], [1, height, width, channels]);
        // Convolutions, too, sum in another order on another size.
        expectSameScores(tf.slice4d(map, [0, i, j, 0], [1, 1, 1, classes]), run(model, crop), model, 2);
      }
    }
  });
  net.dispose();
  model.dispose();
}

const { conv2d, averagePooling2d, maxPooling2d, globalAveragePooling2d, globalMaxPooling2d, dense, flatten, dropout } = layers;

describe.each(['wasm-cnn', 'cpu'])("on %s, where no layer pads, each score is its crop's:", (backend) => {
  beforeAll(() => tf.setBackend(backend));
  afterAll(() => tf.setBackend('wasm-cnn'));

  it.each<[string, () => LayersModel, [number, number]]>([
    ['LeNet-5', () => leNet5({ inputShape: [32, 32, 1], seed: 1 }), [44, 40]],
    ['LeNet-5 of 1998', () => leNet5({ variant: '1998', inputShape: [32, 32, 1], seed: 1 }), [44, 40]],
    ['dense layers alone', () => getModel('multilayerPerceptron', { inputShape: [9, 7, 1], units: [6], seed: 1 }), [11, 10]],
    [
      'a mean of the map',
      () =>
        sequential({
          layers: [
            conv2d({ inputShape: [13, 11, 2], filters: 6, kernelSize: 3, activation: 'relu' }),
            maxPooling2d(),
            globalAveragePooling2d({ keepDims: true }),
            flatten(),
            dense({ units: 4, activation: 'softmax' }),
          ],
        }),
      [19, 13],
    ],
    [
      'the largest of the map',
      () =>
        sequential({
          layers: [
            conv2d({ inputShape: [9, 9, 2], filters: 6, kernelSize: 3, activation: 'tanh' }),
            globalMaxPooling2d(),
            dense({ units: 4, activation: 'logSoftmax' }),
          ],
        }),
      [11, 10],
    ],
    [
      'bins alike, and something else than a dense layer behind them',
      () =>
        sequential({
          layers: [
            conv2d({ inputShape: [10, 8, 2], filters: 6, kernelSize: 3 }),
            layers.adaptiveAveragePooling2d({ outputSize: [4, 3] }),
            conv2d({ filters: 3, kernelSize: 1, activation: 'relu' }),
            flatten(),
            layers.activation({ activation: 'elu' }),
            dropout({ rate: 0.5 }),
            dense({ units: 4 }),
          ],
        }),
      [14, 12],
    ],
    [
      'unequal bins before a dense layer',
      () =>
        sequential({
          layers: [
            averagePooling2d({ inputShape: [14, 10, 2] }),
            layers.adaptiveAveragePooling2d({ outputSize: [4, 7] }),
            dropout({ rate: 0.5 }),
            flatten(),
            dense({ units: 4 }),
          ],
        }),
      [18, 14],
    ],
    [
      "tfjs's own layers",
      () =>
        sequential({
          layers: [
            stock.conv2d({ inputShape: [12, 12, 2], filters: 6, kernelSize: 3, activation: 'relu' }),
            stock.maxPooling2d({ poolSize: 2 }),
            stock.flatten(),
            stock.dropout({ rate: 0.5 }),
            stock.dense({ units: 8, activation: 'hardSigmoid', kernelConstraint: 'nonNeg' }),
            stock.batchNormalization({ axis: 1 }),
            stock.dense({ units: 4 }),
            stock.softmax({ axis: 1 }),
          ],
        }),
      [18, 14],
    ],
    [
      'models inside, a layer twice, branches of vectors',
      () => {
        const x = input({ shape: [12, 12, 2] });
        const features = sequential({ layers: [conv2d({ inputShape: [12, 12, 2], filters: 6, kernelSize: 3 }), maxPooling2d()] });
        const shared = dense({ units: 5, activation: 'tanh' });
        const maps = features.apply(x);
        const vector = flatten().apply(maps);
        const twice = [vector, dropout({ rate: 0.5 }).apply(vector)].map((y) => shared.apply(y) as SymbolicTensor);
        const mean = stock.globalAveragePooling2d({}).apply(maps) as SymbolicTensor;
        const joined = stock.concatenate({ axis: 1 }).apply([...twice, mean] as never);
        return modelOf({ inputs: x, outputs: dense({ units: 3 }).apply(joined) as SymbolicTensor });
      },
      [16, 14],
    ],
  ])('%s', (_, build, size) => {
    const model = build();
    disturb(model);
    expectScoresOfCrops(model, size);
  });
});

it('leaves the model alone, and is left alone by it', () => {
  const model = leNet5({ seed: 1 });
  const { numDataBuffers } = tf.memory();
  const net = toFullyConvolutional(model);
  // No weight has memory of its own yet.
  expect(tf.memory().numDataBuffers).toBe(numDataBuffers);
  const kernels = () => [model, net].map((each) => Array.from(each.getLayer('fc1').getWeights()[0]!.dataSync()));
  const [before, same] = kernels() as [number[], number[]];
  expect(same).toEqual(before);
  tf.tidy(() => {
    const optimizer = tf.train.sgd(0.1);
    optimizer.minimize(() => tf.sum(run(net, picture([28, 28, 1]))) as tf.Scalar);
  });
  const [untouched, trained] = kernels() as [number[], number[]];
  expect(untouched).toEqual(before);
  expect(trained).not.toEqual(before);
  model.dispose();
  expect(net.getLayer('fc1').getWeights()[0]!.dataSync()).toHaveLength(before.length);
  net.dispose();
});

it('is saved and loaded', async () => {
  const net = toFullyConvolutional(smallNets.cifarResNet20());
  let artifacts: tf.io.ModelArtifacts | undefined;
  await net.save(
    tf.io.withSaveHandler(async (saved) => {
      artifacts = saved;
      return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(saved) };
    }),
  );
  const loaded = await loadLayersModel(tf.io.fromMemory(artifacts!));
  const x = picture([24, 20, 3]);
  expect(run(loaded, x).dataSync()).toEqual(run(net, x).dataSync());
});

it('takes a size where the model leaves it open', () => {
  const model = getModel('cifarResNet20', { inputShape: [null, null, 3], width: 2, seed: 1 });
  expect(() => toFullyConvolutional(model)).toThrow(/the input of model 'cifarResNet20' is \[\?, \?, 3\]; say with inputShape/);
  const net = toFullyConvolutional(model, { inputShape: [16, 16, 3] });
  const x = picture([16, 16, 3]);
  expectSameScores(run(net, x), run(model, x), getModel('cifarResNet20', { inputShape: [16, 16, 3], width: 2 }));
});

describe('names the layer that cannot be turned:', () => {
  const first = () => conv2d({ name: 'conv', inputShape: [6, 6, 2], filters: 4, kernelSize: 3 });

  it.each<[string, () => Layer[], RegExp]>([
    [
      'of unknown meaning',
      () => [stock.reshape({ name: 'r', targetShape: [64] }), dense({ units: 2 })],
      /^toFullyConvolutional: Reshape 'r' is not known to do the same at every place of a picture$/,
    ],
    [
      'with filters of each place',
      () => [layers.locallyConnected2d({ name: 'local', filters: 2, kernelSize: 2 })],
      /CnnLocallyConnected2D 'local' is not known to do the same/,
    ],
    [
      'that normalises a flattened map',
      () => [flatten(), layers.batchNormalization({ name: 'bn' }), dense({ units: 2 })],
      /CnnBatchNormalization 'bn' tells the 4 x 4 places of a flattened map apart; after a dense layer it can be carried over/,
    ],
    [
      'that takes softmax over one',
      () => [flatten({ name: 'f' }), stock.activation({ name: 'a', activation: 'softmax' })],
      /Activation 'a' tells the 4 x 4 places/,
    ],
    [
      'that flattens, as the last',
      () => [flatten({ name: 'f' })],
      /CnnFlatten 'f' gives a flattened map: no dense layer follows/,
    ],
    [
      'whose bins are unequal',
      () => [layers.adaptiveAveragePooling2d({ name: 'pool', outputSize: 3 }), layers.activation({ activation: 'relu' })],
      /CnnAdaptiveAveragePooling2D 'pool' makes 3 x 3 unequal bins of 4 x 4 places, which no window at fixed strides does/,
    ],
    [
      'of the other data format',
      () => [stock.flatten({ name: 'f', dataFormat: 'channelsFirst' }), dense({ units: 2 })],
      /Flatten 'f' must have dataFormat 'channelsLast'/,
    ],
  ])('%s', (_, more, message) => {
    const model = sequential({ layers: [first(), ...more()] });
    const { numTensors } = tf.memory();
    const turn = () => toFullyConvolutional(model);
    expect(turn).toThrow(message);
    expect(turn).toThrow(ArgumentError);
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it('shared by maps of different sizes', () => {
    const x = input({ shape: [6, 4, 1] });
    const shared = dense({ name: 'fc', units: 2 });
    const halves = [maxPooling2d({ poolSize: [2, 1] }), maxPooling2d({ poolSize: [1, 2] })];
    const outputs = halves.map((half) => shared.apply(flatten().apply(half.apply(x))) as SymbolicTensor);
    expect(() => toFullyConvolutional(modelOf({ inputs: x, outputs }))).toThrow(
      "CnnDense 'fc' is shared by maps of different sizes",
    );
  });

  it('made of vectors of different origin', () => {
    const x = input({ shape: [2, 2, 1] });
    const outputs = layers
      .add({ name: 'sum' })
      .apply([flatten().apply(x), dense({ units: 4 }).apply(flatten().apply(x))] as never);
    expect(() => toFullyConvolutional(modelOf({ inputs: x, outputs: outputs as SymbolicTensor }))).toThrow(
      "CnnAdd 'sum' joins vectors of different origin",
    );
  });
});

it('names what does not fit', () => {
  expect(() => toFullyConvolutional(leNet5(), { inputShape: [40, 40, 1] })).toThrow(
    /CnnDense 'fc1' has weights \[400, 120\], which do not fit inputShape: it needs 122880 numbers/,
  );
  const inputs = [input({ shape: [4, 4, 1], name: 'a' }), input({ shape: [3], name: 'b' })];
  const outputs = [flatten().apply(inputs[0]!), dense({ units: 2 }).apply(inputs[1]!)] as SymbolicTensor[];
  expect(() => toFullyConvolutional(modelOf({ name: 'two', inputs, outputs }))).toThrow(
    "toFullyConvolutional: model 'two' must have one input [height, width, channels], got [4, 4, 1] and [3]",
  );
});
