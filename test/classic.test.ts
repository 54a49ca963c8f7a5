import * as tf from '@tensorflow/tfjs-core';
import { sliceDataset } from '../src/data/dataset.js';
import { readMnist } from '../src/data/read-mnist-node.js';
import {
  GradientClassifier,
  KNearestNeighbors,
  type KNearestNeighborsOptions,
  LinearSvm,
  pixelRows,
  SoftmaxRegression,
  Standardizer,
  TwoLayerNet,
} from '../src/index.js';
import { uniform, watchingTensors } from './classic.js';
import { sharedPath, testIf } from './requires.js';

const expectNoLeak = watchingTensors();

/** The loops of the textbook, in float64. */
function bruteForce(
  train: tf.Tensor2D,
  labels: ArrayLike<number>,
  queries: tf.Tensor2D,
  { k = 1, metric = 'l2' }: KNearestNeighborsOptions,
) {
  const features = train.shape[1];
  const [a, b] = [train.dataSync(), queries.dataSync()];
  // A look-up of a global is slow in jest.
  const { abs } = Math;
  const places: number[] = [];
  const predicted: number[] = [];
  for (let q = 0; q < queries.shape[0]; q++) {
    const distances = Array.from({ length: train.shape[0] }, (_, row) => {
      let sum = 0;
      for (let i = 0; i < features; i++) {
        const difference = b[q * features + i]! - a[row * features + i]!;
        sum += metric === 'l2' ? difference ** 2 : abs(difference);
      }
      return { row, sum };
    });
    const near = distances.sort((x, y) => x.sum - y.sum || x.row - y.row).slice(0, k);
    places.push(...near.map(({ row }) => row));
    const counts = new Map<number, number>();
    for (const { row } of near) counts.set(labels[row]!, (counts.get(labels[row]!) ?? 0) + 1);
    const most = Math.max(...counts.values());
    predicted.push(labels[near.find(({ row }) => counts.get(labels[row]!) === most)!.row]!);
  }
  return { places, predicted };
}

describe('k nearest neighbours', () => {
  // 5 is at the same distance from 4 and 6, 2 squares from (0, 0) and from (3, 4).
  const x = [0, 4, 6, 20].map((value) => [value, 0]);

  test('by hand', async () => {
    const [train, queries] = [tf.tensor2d(x), tf.tensor2d([[5, 3]])];
    const three = new KNearestNeighbors({ k: 3 });
    await three.fit(train, [2, 1, 0, 0]);
    const { places, distances } = await three.neighbors(queries);
    expect([...places]).toEqual([1, 2, 0]);
    expect([...distances]).toEqual([Math.sqrt(10), Math.sqrt(10), Math.sqrt(34)]);
    // One vote each: the nearest decides, and of equally near ones the first.
    expect([...(await three.predict(queries))]).toEqual([1]);
    const scores = await three.scores(queries);
    expect([...scores.dataSync()].map((share) => Math.round(share * 3))).toEqual([1, 1, 1]);
    const manhattan = new KNearestNeighbors({ k: 4, metric: 'l1' });
    await manhattan.fit(train, Int32Array.of(2, 1, 0, 0));
    expect([...(await manhattan.neighbors(queries)).distances]).toEqual([4, 4, 8, 18]);
    // Two votes for class 0, of the second and the fourth.
    expect(await manhattan.evaluate(queries, [0])).toEqual({ accuracy: 1, count: 1 });
    tf.dispose([train, queries, scores]);
    expectNoLeak();
  });

  test.each<[KNearestNeighborsOptions]>([[{ k: 1 }], [{ k: 5 }], [{ k: 1, metric: 'l1' }], [{ k: 4, metric: 'l1' }]])(
    '%j is what the loops find, blocks and all',
    async (options) => {
      // Far from the origin float32 ranks are nearly noise; several blocks of queries, with rows that repeat.
      const [near, queries] = [uniform(300, 7, 1), uniform(600, 7, 2)];
      const train = tf.tidy(() => tf.add(tf.concat([near, near]), 1000) as tf.Tensor2D);
      const moved = tf.tidy(() => tf.add(queries, 1000) as tf.Tensor2D);
      const labels = Array.from({ length: 600 }, (_, i) => (i * 7) % 5);
      const classifier = new KNearestNeighbors(options);
      await classifier.fit(train, labels);
      const expected = bruteForce(train, labels, moved, options);
      expect([...(await classifier.neighbors(moved)).places]).toEqual(expected.places);
      expect([...(await classifier.predict(moved))]).toEqual(expected.predicted);
      tf.dispose([near, queries, train, moved]);
      expectNoLeak();
    },
  );

  test('training parts larger than a block', async () => {
    const [train, queries] = [uniform(9000, 1000, 5), uniform(3, 1000, 6)];
    const labels = Int32Array.from({ length: 9000 }, (_, i) => i % 10);
    for (const metric of ['l1', 'l2'] as const) {
      const classifier = new KNearestNeighbors({ k: 7, metric });
      await classifier.fit(train, labels);
      expect([...(await classifier.neighbors(queries)).places]).toEqual(
        bruteForce(train, labels, queries, { k: 7, metric }).places,
      );
    }
    tf.dispose([train, queries]);
    expectNoLeak();
  });

  test('what makes no sense is refused', async () => {
    const train = tf.tensor2d(x);
    const classifier = new KNearestNeighbors({ k: 3 });
    await expect(classifier.predict(train)).rejects.toThrow('fit must be called first');
    await classifier.fit(train, [0, 1, 2, 3]);
    const narrow = tf.tensor2d([[1]]);
    await expect(classifier.predict(narrow)).rejects.toThrow('x must be a tensor [examples, 2], neither 0, got shape [1,1]');
    const infinite = tf.tensor2d([[NaN, 1]]);
    await expect(classifier.predict(infinite)).rejects.toThrow('x must hold finite numbers');
    const abort = AbortSignal.abort(new Error('enough'));
    await expect(classifier.predict(train, { signal: abort })).rejects.toThrow('enough');
    await expect(classifier.fit(train, [0, 1])).rejects.toThrow('labels must be 4 class indices, one of each example, got 2');
    await expect(classifier.fit(train, [0, 1, 2, 0.5])).rejects.toThrow('labels must be integers 0, 1, 2, ..., got 0.5 at 3');
    await expect(new KNearestNeighbors({ k: 5 }).fit(train, [0, 0, 0, 0])).rejects.toThrow('at least k = 5 examples, got 4');
    expect(() => new KNearestNeighbors({ k: 0 })).toThrow('k must be a positive integer, got 0');
    expect(() => new KNearestNeighbors({ metric: 'l3' as 'l2' })).toThrow("metric must be one of l1, l2, got 'l3'");
    tf.dispose([train, narrow, infinite]);
    expectNoLeak();
  });
});

describe('classifiers that learn by gradients', () => {
  /** Three corners of a triangle, scattered a little. */
  function corners(count: number, seed: number): { x: tf.Tensor2D; labels: Int32Array } {
    const labels = Int32Array.from({ length: count }, (_, i) => i % 3);
    const x = tf.tidy(() => {
      const centres = tf.tensor2d(
        Array.from(
          labels,
          (label) =>
            [
              [0, 1],
              [1, -1],
              [-1, -1],
            ][label]!,
        ),
      );
      return tf.add(centres, tf.mul(uniform(count, 2, seed), 0.6)) as tf.Tensor2D;
    });
    return { x, labels };
  }

  test.each([
    ['softmax regression', () => new SoftmaxRegression()],
    ['linear SVM', () => new LinearSvm({ margin: 0.5 })],
    ['two-layer net', () => new TwoLayerNet({ hidden: 8 })],
  ])('%s learns what can be told apart, the same way for the same seed', async (_, make) => {
    const { x, labels } = corners(300, 1);
    const other = corners(90, 2);
    const [classifier, again] = [make(), make()];
    expect(classifier).toBeInstanceOf(GradientClassifier);
    const curve = await classifier.fit(x, labels, { epochs: 20, batchSize: 32, learningRate: 0.1 });
    expect(curve.steps).toHaveLength(200);
    expect(curve.steps[9]!.count).toBe(300 - 9 * 32);
    expect(curve.epochs).toHaveLength(20);
    expect(curve.epochs[19]!.loss).toBeLessThan(0.5 * curve.epochs[0]!.loss);
    expect(await again.fit(x, labels, { epochs: 20, batchSize: 32, learningRate: 0.1 })).toEqual(curve);
    const { accuracy, loss, count } = await classifier.evaluate(other.x, other.labels);
    expect([accuracy, count]).toEqual([1, 90]);
    expect(loss).toBeLessThan(0.2);
    expect(await classifier.predict(other.x)).toEqual(other.labels);
    const scores = classifier.scores(other.x);
    expect(Int32Array.from(tf.tidy(() => tf.argMax(scores, 1).dataSync()))).toEqual(other.labels);
    classifier.dispose();
    again.dispose();
    tf.dispose([x, other.x, scores]);
    expectNoLeak();
  });

  test('first losses, by hand: of equal scores log 3, and 2 margins; penalties by the weights', async () => {
    // No feature says anything, so that scores are the biases: 0 at first.
    const nothing = tf.zeros([6, 4]) as tf.Tensor2D;
    const labels = [0, 1, 2, 0, 1, 2];
    const firstLoss = async (classifier: GradientClassifier) => {
      const { steps } = await classifier.fit(nothing, labels, { epochs: 1, batchSize: 6 });
      classifier.dispose();
      return steps[0]!.loss;
    };
    expect(await firstLoss(new SoftmaxRegression())).toBeCloseTo(Math.log(3), 6);
    expect(await firstLoss(new LinearSvm({ margin: 3 }))).toBeCloseTo(6, 6);
    expect(await firstLoss(new TwoLayerNet({ hidden: 5 }))).toBeCloseTo(Math.log(3), 6);

    const [classifier, free] = [new SoftmaxRegression({ regularization: 100, seed: 3 }), new SoftmaxRegression({ seed: 3 })];
    const options = { epochs: 1, batchSize: 6, learningRate: 1e-12 };
    const [{ steps }, unpunished] = [await classifier.fit(nothing, labels, options), await free.fit(nothing, labels, options)];
    // With the unit vectors as examples, and biases of 0, the scores are the weights.
    const units = tf.eye(4) as tf.Tensor2D;
    const weights = classifier.scores(units);
    const squares = tf.tidy(() => tf.sum(tf.square(weights)).dataSync()[0]!);
    expect((steps[0]!.loss - unpunished.steps[0]!.loss) / (100 * squares)).toBeCloseTo(1, 2);
    classifier.dispose();
    free.dispose();
    tf.dispose([nothing, units, weights]);
    expectNoLeak();
  });

  test('one step of softmax regression is the formula', async () => {
    const x = tf.tensor2d([[1, 2]]);
    const classifier = new SoftmaxRegression({ seed: 4 });
    const options = { epochs: 1, batchSize: 1, momentum: 0 };
    await classifier.fit(x, [1], { ...options, learningRate: 1e-30 });
    const before = classifier.scores(x);
    await classifier.fit(x, [1], { ...options, learningRate: 0.5 });
    const after = classifier.scores(x);
    const [z, moved] = [before.dataSync(), after.dataSync()];
    const sum = Math.exp(z[0]!) + Math.exp(z[1]!);
    // dW = x (p - q)^T, db = p - q: scores move by -rate (x x + 1) (p - q).
    [0, 1].forEach((c) => {
      const gradient = Math.exp(z[c]!) / sum - (c === 1 ? 1 : 0);
      expect(moved[c]! - z[c]!).toBeCloseTo(-0.5 * (5 + 1) * gradient, 5);
    });
    classifier.dispose();
    tf.dispose([x, before, after]);
    expectNoLeak();
  });

  test('what makes no sense is refused', async () => {
    const x = tf.tensor2d([
      [1, 2],
      [3, 4],
    ]);
    const classifier = new LinearSvm();
    expect(() => classifier.scores(x)).toThrow('LinearSvm: fit must be called first');
    await expect(classifier.fit(x, [0, 1], { epochs: 0 })).rejects.toThrow('epochs must be a positive integer, got 0');
    await expect(classifier.fit(x, [0, 1], { learningRate: NaN })).rejects.toThrow(
      'learningRate must be a finite number above 0',
    );
    await expect(classifier.fit(x, [0, 1], { momentum: 1 })).rejects.toThrow('momentum must be a number in [0, 1), got 1');
    await expect(classifier.fit(x, [0, 1], { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
    await expect(classifier.fit(x, [0, 1], { epochs: 300, learningRate: 1e38 })).rejects.toThrow(
      'a lower learning rate or clipNorm may help',
    );
    expect(() => new LinearSvm({ regularization: -1 })).toThrow('regularization must be 0 or a positive number, got -1');
    expect(() => new TwoLayerNet({ hidden: 0 })).toThrow('hidden must be a positive integer, got 0');
    classifier.dispose();
    x.dispose();
    expectNoLeak();
  });
});

test('numbers that are not finite are named, not the learning rate that would follow from them', async () => {
  const fit = new SoftmaxRegression().fit(tf.tensor2d([[Number.NaN], [1]]), [0, 1]);
  await expect(fit).rejects.toThrow('SoftmaxRegression.fit: x must hold finite numbers');
});

test('a class of a high number costs a prediction nothing', async () => {
  const classifier = new KNearestNeighbors({ k: 3 });
  await classifier.fit(tf.tensor2d([[0], [1], [2]]), [1e9, 7, 1e9]);
  expect([...(await classifier.predict(tf.tensor2d([[0.9]])))]).toEqual([1e9]);
});

test("tfjs's own backend gives the same neighbours, and learns as well", async () => {
  const [train, queries] = [uniform(200, 9, 1), uniform(50, 9, 2)];
  const labels = Array.from({ length: 200 }, (_, i) => Number(train.dataSync()[9 * i]! > 0));
  const found: Int32Array[] = [];
  for (const backend of ['wasm-cnn', 'cpu']) {
    await tf.setBackend(backend);
    for (const metric of ['l1', 'l2'] as const) {
      const classifier = new KNearestNeighbors({ k: 3, metric });
      await classifier.fit(train, labels);
      found.push((await classifier.neighbors(queries)).places);
    }
    const classifier = new SoftmaxRegression();
    await classifier.fit(train, labels, { epochs: 30, batchSize: 20 });
    expect((await classifier.evaluate(train, labels)).accuracy).toBeGreaterThan(0.95);
    classifier.dispose();
  }
  await tf.setBackend('wasm-cnn');
  expect(found.slice(2)).toEqual(found.slice(0, 2));
  tf.dispose([train, queries]);
  expectNoLeak();
});

describe('MNIST', () => {
  const parts = async (train: number, test: number) => {
    const data = await readMnist(sharedPath('mnist'));
    const [learn, ask] = [sliceDataset(data.train, 0, train), sliceDataset(data.test, 0, test)];
    return { x: pixelRows(learn), labels: learn.labels, testX: pixelRows(ask), testLabels: ask.labels };
  };

  testIf('mnist', 'three nearest neighbours are as good as the loops find', async () => {
    const { x, labels, testX, testLabels } = await parts(2000, 500);
    for (const metric of ['l1', 'l2'] as const) {
      const classifier = new KNearestNeighbors({ k: 3, metric });
      await classifier.fit(x, labels);
      const { accuracy } = await classifier.evaluate(testX, testLabels);
      const { predicted } = bruteForce(x, labels, testX, { k: 3, metric });
      expect(accuracy).toBe(predicted.filter((label, i) => label === testLabels[i]).length / 500);
      expect(accuracy).toBeGreaterThan(0.8);
    }
    tf.dispose([x, testX]);
    expectNoLeak();
  });

  testIf('mnist', 'softmax regression, SVM and two-layer net reach what is known of them', async () => {
    const { x, labels, testX, testLabels } = await parts(10_000, 10_000);
    const centring = new Standardizer({ deviation: false });
    await centring.fit(x);
    const [learn, ask] = [centring.transform(x), centring.transform(testX)];
    for (const [classifier, least] of [
      [new SoftmaxRegression({ regularization: 1e-4 }), 0.88],
      [new LinearSvm({ regularization: 1e-4 }), 0.85],
      [new TwoLayerNet({ regularization: 1e-4 }), 0.93],
    ] as const) {
      await classifier.fit(learn, labels, { epochs: 4 });
      expect((await classifier.evaluate(ask, testLabels)).accuracy).toBeGreaterThan(least);
      classifier.dispose();
    }
    tf.dispose([x, testX, learn, ask]);
    expectNoLeak();
  });
});
