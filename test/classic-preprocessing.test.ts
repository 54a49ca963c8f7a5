/** Preprocessing fitted on the training part: mean, deviation, principal components, whitening. */
import * as tf from '@tensorflow/tfjs-core';
import { symmetricEigen } from '../src/classic/symmetric-eigen.js';
import { Pca, Standardizer } from '../src/index.js';
import { seededRandom } from '../src/random.js';
import { uniform, watchingTensors } from './classic.js';

const expectNoLeak = watchingTensors();

describe('eigenvectors of symmetric matrices', () => {
  const product = (a: ArrayLike<number>, b: ArrayLike<number>, n: number, transposed: boolean) =>
    Float64Array.from({ length: n * n }, (_, at) => {
      const [i, j] = [Math.floor(at / n), at % n];
      let sum = 0;
      for (let k = 0; k < n; k++) sum += a[i * n + k]! * (transposed ? b[j * n + k]! : b[k * n + j]!);
      return sum;
    });

  test('by hand', () => {
    const { values, vectors } = symmetricEigen(Float64Array.of(2, 1, 0, 1, 2, 0, 0, 0, 5), 3);
    expect([...values]).toEqual([5, expect.closeTo(3, 14), expect.closeTo(1, 14)]);
    expect([...vectors].map(Math.abs)).toEqual(
      [0, 0, 1, Math.SQRT1_2, Math.SQRT1_2, 0, Math.SQRT1_2, Math.SQRT1_2, 0].map((value) => expect.closeTo(value, 14)),
    );
    expect([...symmetricEigen(Float64Array.of(7), 1).values]).toEqual([7]);
    expect(() => symmetricEigen(Float64Array.of(NaN), 1)).toThrow('matrix must hold finite numbers only');
  });

  test.each([2, 3, 10, 61])('n = %i: A v = lambda v, and the vectors are orthonormal; repeated values, empty rows too', (n) => {
    const random = seededRandom(n);
    const matrices: ((i: number, j: number) => number)[] = [
      () => random() - 0.5,
      (i: number, j: number) => (i === j ? 3 : 0),
      () => 0,
      () => 1,
    ];
    // Two features that never vary, in the midst.
    matrices.push((i, j) => ([i, j].some((k) => k === 1 || k === 2) ? 0 : random()));
    for (const entry of matrices) {
      const matrix = new Float64Array(n * n);
      for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) matrix[i * n + j] = matrix[j * n + i] = entry(i, j);
      const { values, vectors } = symmetricEigen(matrix, n);
      const norm = Math.sqrt(matrix.reduce((sum, x) => sum + x * x, 0));
      const bound = 10 * n * Number.EPSILON;
      const { abs, floor, max } = Math;
      const worst = (off: Float64Array) => off.reduce((most, x) => max(most, abs(x)), 0);
      const residuals = product(vectors, matrix, n, false).map((x, at) => x - values[floor(at / n)]! * vectors[at]!);
      expect(worst(residuals)).toBeLessThanOrEqual(bound * norm);
      const unit = product(vectors, vectors, n, true).map((x, at) => x - (at % (n + 1) === 0 ? 1 : 0));
      expect(worst(unit)).toBeLessThanOrEqual(bound);
      expect([...values]).toEqual([...values].sort((a, b) => b - a));
    }
  });
});

describe('preprocessing', () => {
  test('Standardizer, by hand: mean and deviation of the training part, for any part', async () => {
    const [train, other] = [
      tf.tensor2d([
        [1, 5, 7],
        [3, 9, 7],
      ]),
      tf.tensor2d([[2, 5, 8]]),
    ];
    const [standardizer, centring] = [new Standardizer(), new Standardizer({ deviation: false })];
    await standardizer.fit(train);
    await centring.fit(train);
    expect([...standardizer.mean]).toEqual([2, 7, 7]);
    // A feature that never varies is left as it is.
    expect([...standardizer.deviation]).toEqual([1, 2, 1]);
    const [moved, centred] = [standardizer.transform(other), centring.transform(other)];
    expect([...moved.dataSync()]).toEqual([0, -1, 1]);
    expect([...centred.dataSync()]).toEqual([0, -2, 1]);
    const back = standardizer.inverse(moved);
    expect([...back.dataSync()]).toEqual([2, 5, 8]);
    tf.dispose([train, other, moved, centred, back]);
    expectNoLeak();
  });

  test('Pca, by hand: along the diagonal, then across', async () => {
    const x = tf.tensor2d([
      [3, 3],
      [-1, -1],
      [1.5, 0.5],
      [0.5, 1.5],
    ]);
    const pca = new Pca();
    await pca.fit(x);
    // About (1, 1): 2 sqrt 2 and -2 sqrt 2 along, 1/sqrt 2 and -1/sqrt 2 across.
    [...pca.explainedVariance].forEach((variance, i) => expect(variance).toBeCloseTo([4, 0.25][i]!, 6));
    [...pca.explainedVarianceRatio].forEach((ratio, i) => expect(ratio).toBeCloseTo([16 / 17, 1 / 17][i]!, 6));
    const turned = pca.transform(x);
    const [s, t] = [Math.SQRT2, Math.SQRT1_2];
    const across = Math.sign(turned.dataSync()[5]!) * t;
    [2 * s, 0, -2 * s, 0, 0, across, 0, -across].forEach((value, i) => expect(turned.dataSync()[i]!).toBeCloseTo(value, 5));
    tf.dispose([x, turned]);
    expectNoLeak();
  });

  test('Pca: all components give everything back, some their share; counts and fractions', async () => {
    const x = tf.tidy(() => tf.mul(uniform(2000, 6, 3), tf.tensor1d([1, 2, 4, 8, 16, 32])) as tf.Tensor2D);
    const squares = (y: tf.Tensor2D) => tf.tidy(() => tf.mean(tf.sum(tf.square(tf.sub(x, y)), 1)).dataSync()[0]!);
    for (const [components, kept] of [
      [undefined, 6],
      [2, 2],
      [0.9, 2],
      [0.99, 4],
      [0.5, 1],
    ] as const) {
      const pca = new Pca({ components });
      await pca.fit(x);
      const turned = pca.transform(x);
      expect(turned.shape).toEqual([2000, kept]);
      const back = pca.inverse(turned);
      const all = new Pca();
      await all.fit(x);
      // What is lost is the variance that was not kept.
      const lost = [...all.explainedVariance].slice(kept).reduce((sum, variance) => sum + variance, 0);
      expect(Math.abs(squares(back) - lost)).toBeLessThan(1e-4 * (lost + 0.01));
      tf.dispose([turned, back]);
    }
    x.dispose();
    expectNoLeak();
  });

  test('whitening: the covariance is the identity, fitted on the training part only', async () => {
    const mixed = (rows: number, seed: number) =>
      tf.tidy(() => tf.add(tf.matMul(uniform(rows, 5, seed), uniform(5, 5, 9)), 3) as tf.Tensor2D);
    const [train, other] = [mixed(5000, 1), mixed(1000, 2)];
    const pca = new Pca({ whiten: true, epsilon: 0 });
    await pca.fit(train);
    const [white, otherWhite] = [pca.transform(train), pca.transform(other)];
    const covariance = tf.tidy(() => tf.div(tf.matMul(white, white, true), 5000).dataSync());
    covariance.forEach((value, at) => expect(value).toBeCloseTo(at % 6 === 0 ? 1 : 0, 4));
    expect(tf.tidy(() => tf.mean(tf.square(otherWhite)).dataSync()[0]!)).toBeCloseTo(1, 1);
    const back = pca.inverse(otherWhite);
    const off = tf.tidy(() => tf.max(tf.abs(tf.sub(back, other))).dataSync()[0]!);
    expect(off).toBeLessThan(1e-4);
    // epsilon tames what hardly varies.
    const tamed = new Pca({ whiten: true, epsilon: 1 });
    await tamed.fit(train);
    const soft = tamed.transform(train);
    const variance = tf.tidy(() => tf.mean(tf.square(soft), 0).dataSync());
    tamed.explainedVariance.forEach((value, i) => expect(variance[i]!).toBeCloseTo(value / (value + 1), 4));
    tf.dispose([train, other, white, otherWhite, back, soft]);
    expectNoLeak();
  });

  test('what makes no sense is refused', async () => {
    const x = tf.tensor2d([
      [1, 2],
      [3, 4],
    ]);
    const flat = tf.ones([3, 2]) as tf.Tensor2D;
    const narrow = tf.ones([3, 1]) as tf.Tensor2D;
    const standardizer = new Standardizer();
    expect(() => standardizer.transform(x)).toThrow('Standardizer: fit must be called first');
    await standardizer.fit(x);
    expect(() => standardizer.transform(narrow)).toThrow('x must have shape [examples, 2], got [3,1]');
    expect(() => new Pca().transform(x)).toThrow('Pca: fit must be called first');
    expect(() => new Pca({ components: 1.5 })).toThrow('a share of the variance in (0, 1), got 1.5');
    expect(() => new Pca({ epsilon: -1 })).toThrow('epsilon must be 0 or a positive number, got -1');
    await expect(new Pca({ components: 3 }).fit(x)).rejects.toThrow('components must be at most the 2 features, got 3');
    await expect(new Pca({ whiten: true, epsilon: 0 }).fit(flat)).rejects.toThrow('epsilon must be above 0');
    tf.dispose([x, flat, narrow]);
    expectNoLeak();
  });
});
