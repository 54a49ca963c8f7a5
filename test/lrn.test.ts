import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers';
import { readFileSync } from 'node:fs';
import { localResponseNormalization } from '../src/index.js';
import {
  type LocalResponseNormalizationGeometry,
  type LocalResponseNormalizationOptions,
  localResponseNormalizationGeometry,
} from '../src/ops/local-response-normalization/geometry.js';
import { uniform } from './golden-fill.js';
import { expectWithin, onReference, ROUNDING, Sides } from './kernel-sides.js';
import { choose, generator, integer, seed, values } from './random.js';
import { describeIf, sharedPath } from './requires.js';

const op = localResponseNormalization.definition;
const count = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

let sides: Sides;
beforeAll(async () => {
  sides = await Sides.create();
});
afterAll(() => sides.dispose());

/** By element: s of the formula, and what the sums of dx add up to without their signs. */
function sizes(x: Float32Array, dy: Float32Array, g: LocalResponseNormalizationGeometry): { s: Float64Array; dx: Float64Array } {
  const s = new Float64Array(x.length).fill(g.k);
  const dx = new Float64Array(x.length);
  const pairs = (visit: (i: number, other: number) => void): void => {
    for (let i = 0; i < x.length; i++) {
      const c = i % g.channels;
      for (let o = Math.max(0, c - g.below); o <= Math.min(g.channels - 1, c + g.above); o++) visit(i, i - c + o);
    }
  };
  pairs((i, o) => {
    s[i] += g.alpha * x[o] ** 2;
  });
  for (let i = 0; i < x.length; i++) dx[i] = Math.abs(dy[i]) * s[i] ** -g.beta;
  pairs((i, o) => {
    dx[o] += Math.abs(2 * g.alpha * g.beta * x[o] * dy[i] * x[i]) * s[i] ** (-g.beta - 1);
  });
  return { s, dx };
}

/**
 * Relative error of s^-beta in units of ROUNDING: that of s (a sum, its factor and k) times beta; four roots
 * and divisions; or the logarithm's error times beta, which the exponential turns into a relative one.
 */
function powerError(g: LocalResponseNormalizationGeometry, s: number): number {
  const logarithm = 4 * Math.max(1, Math.abs(Math.log(s)));
  return Math.abs(g.beta) * (g.below + g.above + 5 + logarithm) + 6;
}

async function compare(xShape: number[], x: Float32Array, g: LocalResponseNormalizationGeometry): Promise<void> {
  const dy = values(generator(seed + 1), x.length);
  const size = sizes(x, dy, g);
  const y = onReference(op, 'forward', { x }, g)['y'];
  await sides.compare(op, 'forward', { x }, { x: xShape }, g, (i) => (powerError(g, size.s[i]) + 2) * ROUNDING * Math.abs(y[i]));
  const largest = size.s.reduce((a, b) => Math.max(a, b, 1 / b), 1);
  const terms = 2 * (g.below + g.above) + 12;
  await sides.compare(
    op,
    'dx',
    { dy, x },
    { dy: xShape, x: xShape },
    g,
    (i) => (powerError(g, largest) + terms) * ROUNDING * size.dx[i],
  );
}

describe(`localResponseNormalization's kernels (seed ${seed})`, () => {
  const fixed: [number[], LocalResponseNormalizationOptions][] = [
    [[2, 3, 3, 96], { size: 5, alpha: 1e-4, beta: 0.75, k: 2 }],
    [[1, 2, 2, 64], { depthRadius: 2, bias: 1, alpha: 1, beta: 0.5 }],
    [[1, 3, 2, 10], { size: 4, alpha: 0.3 }],
    [[1, 3, 2, 7], { size: 1, alpha: 2, beta: 1 }],
    [[1, 3, 2, 1], { size: 3, alpha: 2, beta: 0.75 }],
    [[2, 1, 2, 3], { size: 9, alpha: 1, beta: 0.6, k: 0.1 }],
    [[1, 40, 40, 32], { size: 5, alpha: 1, beta: 0.75 }],
  ];
  const random = generator(seed);
  const drawn = Array.from({ length: 15 }, (): [number[], LocalResponseNormalizationOptions] => [
    [integer(random, 1, 2), integer(random, 1, 4), integer(random, 1, 4), integer(random, 1, 40)],
    {
      size: integer(random, 1, 9),
      alpha: choose(random, [1e-4, 0.1, 1, 5]),
      beta: choose(random, [0.5, 0.75, 1, 0.6, 2, -0.5]),
      k: choose(random, [0.1, 1, 2]),
      divideAlpha: random() < 0.5,
    },
  ]);

  test.each([...fixed, ...drawn].map((each) => [JSON.stringify(each), ...each] as const))('%s', async (_, xShape, options) => {
    const g = localResponseNormalizationGeometry(xShape, options);
    await compare(
      xShape,
      values(generator(seed), count(xShape)).map((v) => 3 * v),
      g,
    );
  });

  test('NaN reaches the windows that hold it and no others', async () => {
    const xShape = [1, 2, 2, 13];
    for (const at of [0, 12, 20, 25, 45]) {
      const x = values(generator(seed), 52);
      x[at] = NaN;
      const g = localResponseNormalizationGeometry(xShape, { size: 4, alpha: 0.5 });
      const dy = values(generator(seed + 1), 52);
      await sides.compare(op, 'forward', { x }, { x: xShape }, g, () => 30 * ROUNDING);
      await sides.compare(op, 'dx', { dy, x }, { dy: xShape, x: xShape }, g, () => 60 * ROUNDING);
    }
  });

  test('central differences in float64', () => {
    const xShape = [1, 2, 2, 6];
    const g = localResponseNormalizationGeometry(xShape, { size: 4, alpha: 0.7, beta: 0.6, k: 1.5 });
    const x = Float64Array.from(values(generator(seed), 24));
    const dy = Float64Array.from(values(generator(seed + 1), 24));
    const { dx } = onReference(op, 'dx', { dy, x }, g);
    const step = 1e-5;
    for (let i = 0; i < x.length; i++) {
      const nudged = (by: number): number => {
        const from = x.slice();
        from[i] += by;
        return onReference(op, 'forward', { x: from }, g)['y'].reduce((sum, v, o) => sum + v * dy[o], 0);
      };
      expect(Math.abs((nudged(step) - nudged(-step)) / (2 * step) - dx[i])).toBeLessThan(1e-8);
    }
  });
});

describeIf('golden', "PyTorch's local_response_norm in float64", () => {
  interface Golden {
    op: string;
    params: { size: number; alpha: number; beta: number; k: number };
    inputs: Record<'x' | 'dy', { shape: [number, number, number, number] }>;
    outputs: Record<'y' | 'dx', { values: number[] }>;
  }
  const { cases } = JSON.parse(readFileSync(sharedPath('golden/ops.json'), 'utf8')) as { cases: Golden[] };
  const own = cases.filter((each) => each.op === 'localResponseNormalization');

  test('there are 4 of them', () => expect(own).toHaveLength(4));

  test.each(own)('$params', async ({ params, inputs, outputs }) => {
    const { shape } = inputs.x;
    const { size, alpha, beta, k } = params;
    const [x, dy] = [uniform('x', count(shape)), uniform('dy', count(shape))];
    const g = localResponseNormalizationGeometry(shape, { size, alpha, beta, k });
    const { y } = onReference(op, 'forward', { x }, g);
    const { dx } = onReference(op, 'dx', { dy, x }, g);
    expectWithin('y', y, Float64Array.from(outputs.y.values), (i) => 1e-9 * Math.abs(y[i]));
    expectWithin('dx', dx, Float64Array.from(outputs.dx.values), (i) => 1e-9 * Math.abs(dx[i]) + 1e-12);

    for (const backend of ['cpu', 'wasm', 'wasm-cnn']) {
      await tf.setBackend(backend);
      tf.tidy(() => {
        const run = tf.valueAndGrad((v: tf.Tensor) => localResponseNormalization(v as tf.Tensor4D, { size, alpha, beta, k }));
        const { value, grad } = run(tf.tensor4d(Float32Array.from(x), shape), tf.tensor4d(Float32Array.from(dy), shape));
        expectWithin(`y on ${backend}`, Float64Array.from(value.dataSync()), y, () => 16 * ROUNDING);
        expectWithin(`dx on ${backend}`, Float64Array.from(grad.dataSync()), dx, () => 32 * ROUNDING);
      });
    }
  });
});

describe("tfjs's meaning of alpha", () => {
  test.each([
    [1, 1, 1, 0.5],
    [2, 2, 0.3, 0.75],
    [5, 1, 0.01, 1],
  ])('depthRadius %d, bias %d, alpha %d, beta %d', async (...numbers) => {
    const [depthRadius, bias, alpha, beta] = numbers;
    await tf.setBackend('cpu');
    const x = tf.tensor4d(values(generator(seed), 96), [2, 2, 3, 8]);
    const dy = tf.tensor4d(values(generator(seed + 1), 96), [2, 2, 3, 8]);
    const ours = tf.valueAndGrad((v: tf.Tensor) =>
      localResponseNormalization(v as tf.Tensor4D, { depthRadius, bias, alpha, beta }),
    )(x, dy);
    const theirs = tf.valueAndGrad((v: tf.Tensor) =>
      tf.localResponseNormalization(v as tf.Tensor4D, depthRadius, bias, alpha, beta),
    )(x, dy);
    const wide = (t: tf.Tensor): Float64Array => Float64Array.from(t.dataSync());
    expectWithin('y', wide(ours.value), wide(theirs.value), () => 32 * ROUNDING);
    expectWithin('dx', wide(ours.grad), wide(theirs.grad), () => 64 * ROUNDING);
  });

  test('divideAlpha says otherwise', () => {
    expect(localResponseNormalizationGeometry([1, 1, 1, 4], { size: 5, alpha: 1 }).alpha).toBe(0.2);
    expect(localResponseNormalizationGeometry([1, 1, 1, 4], { size: 5, alpha: 1, divideAlpha: false }).alpha).toBe(1);
    expect(localResponseNormalizationGeometry([1, 1, 1, 4], { depthRadius: 2, alpha: 1, divideAlpha: true }).alpha).toBe(0.2);
  });
});

describe('errors say what was expected and found', () => {
  test.each<[number[], LocalResponseNormalizationOptions, RegExp]>([
    [[1, 2, 3], {}, /x must have rank 4 .* got rank 3 \[1,2,3\]/],
    [[1, 1, 1, 4], { size: 0 }, /size must be an integer of at least 1, got 0/],
    [[1, 1, 1, 4], { size: 2.5 }, /size must be an integer of at least 1, got 2.5/],
    [[1, 1, 1, 4], { depthRadius: -1 }, /depthRadius must be an integer of at least 0, got -1/],
    [[1, 1, 1, 4], { size: 5, depthRadius: 2 }, /size \(PyTorch\) and depthRadius \(tfjs\) say the same/],
    [[1, 1, 1, 4], { k: 1, bias: 1 }, /k \(PyTorch\) and bias \(tfjs\) say the same/],
    [[1, 1, 1, 4], { alpha: NaN }, /alpha must be a number of at least 0, got NaN/],
    [[1, 1, 1, 4], { beta: Infinity }, /beta must be a number, got Infinity/],
    [[1, 1, 1, 4], { k: 0 }, /k \(bias\) must be larger than 0.* got 0/],
  ])('%j %j', (shape, options, message) => {
    expect(() => localResponseNormalizationGeometry(shape, options)).toThrow(message);
  });
});
