/** What is said of a net's answers, and of its layers. Expected numbers are worked out by hand. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import type { TrainingBatch } from '../src/data/batch-source.js';
import { DataLoader } from '../src/data/data-loader.js';
import { normalizationOf, syntheticDigits } from '../src/data/index.js';
import { layers, leNet5 } from '../src/index.js';
import {
  calibration,
  classificationReport,
  classify,
  confusionMatrix,
  confusionPicture,
  deadRelus,
  formatClassificationReport,
  formatConfusionMatrix,
  gradientNorms,
  topKAccuracy,
  topLosses,
  updateRatios,
} from '../src/inspect/index.js';
import { evaluate } from '../src/train/index.js';

// Class 3 is never said, class 2 is never there.
const labels = [0, 0, 0, 1, 1, 3];
const predictions = [0, 0, 1, 1, 2, 0];

describe('confusion matrix', () => {
  const matrix = confusionMatrix(labels, predictions, 4);

  test('has a row for each class as it is, a column for each answer', () => {
    expect(matrix).toEqual([
      [2, 1, 0, 0],
      [0, 1, 1, 0],
      [0, 0, 0, 0],
      [1, 0, 0, 0],
    ]);
  });

  test('as text', () => {
    expect(formatConfusionMatrix(matrix, ['cat', 'dog', 'cow', 'emu'])).toBe(
      [
        'actual \\ predicted  cat  dog  cow  emu',
        'cat                   2    1    .    .',
        'dog                   .    1    1    .',
        'cow                   .    .    .    .',
        'emu                   1    .    .    .',
      ].join('\n'),
    );
    expect(formatConfusionMatrix([[1]], ['x'])).toContain('x');
    expect(formatConfusionMatrix(matrix, ['a', 'a', 'b', 'c']).split('\n')[1]).toMatch(/^0 a/);
  });

  test('as a picture: numbers where fields have room, names escaped, many classes without either', () => {
    const svg = confusionPicture(matrix, { classNames: ['<cat>', 'dog', 'cow', 'emu'], title: 'R & D' });
    expect(svg).toContain('&lt;cat&gt; taken for dog: 1 of 3');
    expect(svg).toContain('R &amp; D');
    expect(svg.match(/fill-opacity/g)).toHaveLength(5);
    const large = Array.from({ length: 200 }, (_, i) => Array.from({ length: 200 }, (_, j) => Number(i === j)));
    expect(confusionPicture(large).match(/<text/g)).toHaveLength(3);
    // Few classes are narrower than a long title, which is not cut off.
    const title = 'a title of some length over two classes';
    const [, width] = confusionPicture(
      [
        [1, 0],
        [0, 1],
      ],
      { title },
    ).match(/width="(\d+)"/)!;
    expect(Number(width)).toBeGreaterThan(7.5 * title.length);
  });

  test.each([
    [[0, 4], [0, 0], 4, /labels\[1\] must be a class, 0 to 3, got 4/],
    [[0, 1], [0, -1], 4, /predictions\[1\] must be a class/],
    [[0, 1], [0], 4, /predictions must be as many as labels \(2\), got 1/],
    [[0], [0], 0, /classes must be a positive integer/],
    [[0.5], [0], 2, /labels\[0\]/],
  ])('%j, %j of %j are refused', (actual, predicted, classes, message) => {
    expect(() => confusionMatrix(actual, predicted, classes)).toThrow(message);
  });
  test('a matrix that is not square, names too few', () => {
    expect(() => formatConfusionMatrix([[1, 2]])).toThrow(/square/);
    expect(() => confusionPicture(matrix, { classNames: ['a'] })).toThrow(/classNames must be 4 names/);
  });
});

describe('classification report', () => {
  test('precision, recall, F1 and their means', () => {
    const report = classificationReport(labels, predictions);
    const [zero, one, two, three] = report.classes;
    expect(zero).toEqual({ name: '0', precision: 2 / 3, recall: 2 / 3, f1: 2 / 3, support: 3 });
    expect(one).toEqual({ name: '1', precision: 1 / 2, recall: 1 / 2, f1: 1 / 2, support: 2 });
    expect(two).toEqual({ name: '2', precision: 0, recall: 0, f1: 0, support: 0 });
    expect(three).toEqual({ name: '3', precision: 0, recall: 0, f1: 0, support: 1 });
    expect(report.accuracy).toBe(0.5);
    expect(report.micro).toEqual({ precision: 0.5, recall: 0.5, f1: 0.5 });
    expect(report.macro.precision).toBeCloseTo((2 / 3 + 1 / 2) / 4, 14);
    expect(report.weighted.recall).toBeCloseTo((3 * (2 / 3) + 2 * (1 / 2)) / 6, 14);
    expect(report.support).toBe(6);
  });

  test('0 / 0 is what is wished: 1, or NaN and left out of the means', () => {
    const ones = classificationReport(labels, predictions, { zeroDivision: 1 });
    expect(ones.classes[2]!.recall).toBe(1);
    expect(ones.classes[2]!.precision).toBe(0);
    expect(ones.classes[3]!.precision).toBe(1);
    const nans = classificationReport(labels, predictions, { zeroDivision: NaN });
    expect(nans.classes[3]!.precision).toBeNaN();
    expect(nans.macro.precision).toBeCloseTo((2 / 3 + 1 / 2 + 0) / 3, 14);
    expect(() => classificationReport(labels, predictions, { zeroDivision: 2 })).toThrow(/zeroDivision must be one of 0, 1, NaN/);
  });

  test('as text', () => {
    const text = formatClassificationReport(classificationReport([0, 1], [0, 1], { classNames: ['cat', 'dog'] }));
    expect(text.split('\n')[1]).toBe('cat               1.0000  1.0000  1.0000         1');
    expect(text).toMatch(/accuracy +1\.0000 +2$/);
  });
});

describe('top-k accuracy', () => {
  const scores = [0.1, 0.5, 0.4, 0.2, 0.2, 0.2, NaN, 1, 0];
  test('counts a class among the k best; of equals the lower comes first; NaN is never right', () => {
    expect(topKAccuracy(scores.slice(0, 6), [2, 1], 1)).toBe(0);
    expect(topKAccuracy(scores.slice(0, 6), [2, 1], 2)).toBe(1);
    expect(topKAccuracy(scores.slice(0, 6), [1, 0], 1)).toBe(1);
    expect(topKAccuracy(scores, [0, 0, 0], 3)).toBe(2 / 3);
    expect(topKAccuracy(scores, [0, 0, 1], 1)).toBe(1 / 3);
    expect(topKAccuracy([], [], 1)).toBeNaN();
  });
  test('refuses sizes that do not fit, and k that is none', () => {
    expect(() => topKAccuracy(scores, [0, 0], 1)).toThrow(/multiple of the 2 labels.*got 9/);
    expect(() => topKAccuracy(scores, [0, 0, 0], 0)).toThrow(/k must be a positive integer/);
  });
});

describe('calibration', () => {
  test('distance of confidence and accuracy, bin by bin', () => {
    // Confidences 0.6, 0.8, 0.7, 1.0: bins (0.5, 0.75] and (0.75, 1].
    const probabilities = [0.6, 0.4, 0.2, 0.8, 0.7, 0.3, 0, 1];
    const { bins, expectedError, maximumError } = calibration(probabilities, [0, 1, 1, 1], { bins: 4 });
    expect(bins.map(({ count }) => count)).toEqual([0, 0, 2, 2]);
    expect(bins[2]!.confidence).toBeCloseTo(0.65, 14);
    expect(bins[2]!.accuracy).toBe(0.5);
    expect(bins[3]).toMatchObject({ from: 0.75, to: 1, accuracy: 1 });
    expect(bins[0]!.accuracy).toBeNaN();
    expect(expectedError).toBeCloseTo((2 * 0.15 + 2 * 0.1) / 4, 14);
    expect(maximumError).toBeCloseTo(0.15, 14);
  });
  test("a bin's end belongs to it, also where rounding ends above 1", () => {
    expect(calibration([0.5, 0.5], [0], { bins: 2 }).bins[0]!.count).toBe(1);
    expect(calibration([1 + 1e-7, 0], [0], { bins: 2 }).bins[1]!.count).toBe(1);
  });
  test('logits are refused', () => {
    expect(() => calibration([2, -1], [0])).toThrow(/probabilities\[0\] must be a probability, 0 to 1; logits.*got 2/);
    expect(() => calibration([NaN, 1], [0])).toThrow(/got NaN/);
  });
});

test('top losses: the worst first, with their places', () => {
  const probabilities = [0.9, 0.1, 0.3, 0.7, 0, 1, 0.5, 0.5];
  const worst = topLosses(probabilities, [0, 0, 0, 1], { count: 3, places: [10, 11, 12, 13] });
  expect(worst.map(({ place }) => place)).toEqual([12, 11, 13]);
  expect(worst[0]).toEqual({ place: 12, actual: 0, predicted: 1, probability: 0, predictedProbability: 1, loss: Infinity });
  expect(worst[1]!.loss).toBeCloseTo(-Math.log(0.3), 14);
  expect(worst[2]).toMatchObject({ predicted: 0, actual: 1 });
  expect(topLosses([NaN, 0.5, 0, 1], [0, 0])[0]!.place).toBe(0);
  expect(() => topLosses(probabilities, [0, 0, 0, 1], { places: [1] })).toThrow(/places/);
  expect(topLosses([], [])).toEqual([]);
});

const digits = syntheticDigits({ train: 40, test: 30 });

async function firstBatch(size: number): Promise<TrainingBatch> {
  const loader = new DataLoader(digits.train, { batchSize: size, normalization: normalizationOf(digits.train) });
  for await (const batch of loader.epoch(0)) return batch;
  throw new Error('no batch');
}

describe('a net', () => {
  beforeAll(() => tf.setBackend('wasm-cnn'));

  test('classify says what evaluate scores, and leaves no tensor', async () => {
    const model = leNet5({ seed: 1 });
    const data = new DataLoader(digits.test, { batchSize: 7, normalization: normalizationOf(digits.train) });
    const before = tf.memory().numTensors;
    const told = await classify(model, data);
    expect(tf.memory().numTensors).toBe(before);
    const { loss, accuracy } = await evaluate(model, data);
    expect(told.places).toEqual(Int32Array.from({ length: 30 }, (_, i) => i));
    expect(topKAccuracy(told.probabilities, told.labels, 1)).toBeCloseTo(accuracy, 12);
    expect(classificationReport(told.labels, told.predictions, told).accuracy).toBeCloseTo(accuracy, 12);
    const losses = topLosses(told.probabilities, told.labels, { count: 30, places: told.places });
    expect(losses.reduce((sum, row) => sum + row.loss, 0) / 30).toBeCloseTo(loss, 5);
    expect(calibration(told.probabilities, told.labels).bins).toHaveLength(15);
    await expect(classify(model, data, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
    model.dispose();
  });

  test('classify takes the outputs of a softmax as they are, and refuses pictures', async () => {
    const data = new DataLoader(digits.test, { batchSize: 30 });
    const model = tfl.sequential({
      layers: [
        tfl.layers.flatten({ inputShape: [28, 28, 1] }),
        tfl.layers.dense({ units: 10, activation: 'softmax', kernelInitializer: 'zeros' }),
      ],
    });
    const { probabilities } = await classify(model, data);
    expect(probabilities[0]).toBeCloseTo(0.1, 6);
    const pictures = { apply: (x: tf.Tensor) => x.clone(), variables: [] };
    await expect(classify(pictures, data)).rejects.toThrow(/output must be \[batch, classes\], got \[30,28,28,1\]/);
  });

  test('gradient norms are those of the gradients, and nothing moves', async () => {
    const model = tfl.sequential({
      layers: [
        layers.conv2d({ name: 'conv', filters: 2, kernelSize: 3, inputShape: [28, 28, 1] }),
        layers.batchNormalization({ name: 'norm' }),
        layers.flatten({ name: 'flat' }),
        layers.dropout({ name: 'drop', rate: 0.5, seed: 3 }),
        layers.dense({ name: 'fc', units: 10, kernelInitializer: 'zeros' }),
      ],
    });
    const batch = await firstBatch(8);
    const weights = model.getWeights().map((weight) => weight.dataSync().slice());
    const before = tf.memory().numTensors;
    const rows = await gradientNorms(model, batch);
    expect(tf.memory().numTensors).toBe(before);
    expect(rows.map(({ layer }) => layer)).toEqual(['conv', 'norm', 'fc']);
    expect(model.getWeights().map((weight) => weight.dataSync().slice())).toEqual(weights);
    // Behind a kernel of zeros nothing comes back; gamma is 1 for each of 2 channels.
    expect(rows[0]).toMatchObject({ gradientNorm: 0 });
    expect(rows[1]!.weightNorm).toBeCloseTo(Math.SQRT2, 6);
    // All answers are 1/10, so the bias' gradient is 1/10 - share of the class; the kernel's is at least 0.
    const shares = Array.from({ length: 10 }, (_, c) => batch.labels.filter((label) => label === c).length / batch.size);
    const bias = Math.hypot(...shares.map((share) => 0.1 - share));
    expect(rows[2]!.gradientNorm).toBeGreaterThanOrEqual(bias);
    expect(await gradientNorms(model, batch)).toEqual(rows);
    model.dispose();
  });

  test('update ratios: how far a step moved each layer', async () => {
    const dense = layers.dense({ name: 'fc', units: 1, inputShape: [2], useBias: false });
    const model = tfl.sequential({ layers: [dense] });
    dense.setWeights([tf.tensor([3, 4], [2, 1])]);
    const before = tf.memory().numTensors;
    const rows = await updateRatios(model, () => dense.setWeights([tf.tensor([3, 4.005], [2, 1])]));
    expect(rows).toHaveLength(1);
    expect(rows[0]!.layer).toBe('fc');
    expect(rows[0]!.weightNorm).toBeCloseTo(5, 12);
    expect(rows[0]!.ratio).toBeCloseTo(1e-3, 6);
    // The new value's own tensor is the caller's.
    expect(tf.memory().numTensors).toBe(before + 1);
    await expect(
      updateRatios(model, () => {
        throw new Error('no step');
      }),
    ).rejects.toThrow('no step');
    expect(tf.memory().numTensors).toBe(before + 1);
  });

  test('dead relus: units, channels, and what is active; blocks are opened', async () => {
    // Channel 0 gives x, channel 1 gives -1 - x^2 or less: never above 0.
    const conv = layers.conv2d({ name: 'conv', filters: 2, kernelSize: 1, activation: 'relu', inputShape: [2, 2, 1] });
    const model = tfl.sequential({ layers: [conv, tfl.layers.activation({ name: 'again', activation: 'relu' })] });
    conv.setWeights([tf.tensor([1, 0], [1, 1, 1, 2]), tf.tensor([0, -1])]);
    const images = Float32Array.of(1, -1, -1, 0, 1, 2, -1, 0);
    const batch: TrainingBatch = { images, shape: [2, 2, 1], labels: Int32Array.of(0, 0), places: Int32Array.of(0, 1), size: 2 };
    const before = tf.memory().numTensors;
    const rows = await deadRelus(model, batch);
    expect(tf.memory().numTensors).toBe(before);
    const [row] = rows;
    expect(row!.layer).toBe('conv');
    // Of the first channel's four places two are above 0 once, three outputs of eight; of the second none.
    expect(row!.dead).toBeCloseTo(6 / 8, 6);
    expect(row!.deadChannels).toBe(0.5);
    expect(row!.active).toBeCloseTo(3 / 16, 6);
    expect(rows[1]).toEqual({ ...row, layer: 'again' });
  });

  test('dead relus in residual blocks have their paths', async () => {
    const block = layers.residualBlock({ name: 'layer1.0', filters: 2, inputShape: [28, 28, 1], shortcut: 'projection' });
    const model = tfl.sequential({ layers: [block] });
    const rows = await deadRelus(model, await firstBatch(4));
    expect(rows.map(({ layer }) => layer)).toEqual(['layer1.0.bn1', 'layer1.0.relu']);
  });
});
