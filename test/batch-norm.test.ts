import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import '../src/index.js';
import type { ReadyOp } from '../src/backends/kernel-host.js';
import { batchNorm, batchNormInference, batchNormTraining } from '../src/ops/batch-norm/batch-norm.js';
import { type BatchNormActivation, type BatchNormGeometry, batchNormGeometry } from '../src/ops/batch-norm/geometry.js';
import { uniform } from './golden-fill.js';
import { expectWithin, onReference, ROUNDING, Sides } from './kernel-sides.js';
import { choose, generator, integer, seed, values } from './random.js';
import { describeIf, sharedPath } from './requires.js';

/** Do they sum row after row? */
const plainSums = ['portable on stock wasm', 'portable on TensorFlow'];

/** Roundings of a channel's sum: ours adds chunks of 64, then chunks, then pieces; others row after row. */
const roundings = (side: string, g: BatchNormGeometry): number =>
  plainSums.includes(side) ? g.rows + 8 : Math.min(g.rows, 64 + 32) + 8;

const training = batchNormTraining.definition as ReadyOp<BatchNormGeometry>;
const inference = batchNormInference.definition as ReadyOp<BatchNormGeometry>;

let sides: Sides;
beforeAll(async () => {
  sides = await Sides.create();
});
afterAll(() => sides.dispose());

type Inputs = Record<string, Float32Array>;

function geometry(shape: number[], activation: BatchNormActivation): BatchNormGeometry {
  const channels = shape[shape.length - 1];
  const rows = shape.reduce((a, b) => a * b, 1) / channels;
  return { shape, rows, channels, epsilon: 1e-3, momentum: 0.3, unbiased: activation === 'linear', activation };
}

/** x around `centre`; gamma of both signs; statistics near those of x. */
function draw(random: () => number, g: BatchNormGeometry, centre: number, optional: boolean): Inputs {
  const { channels } = g;
  const n = g.rows * channels;
  return {
    x: values(random, n).map((v) => centre + 2 * v),
    dy: values(random, n),
    mean: values(random, channels).map((v) => centre + v),
    variance: values(random, channels).map((v) => 1 + 0.5 * v),
    ...(optional && {
      gamma: values(random, channels).map((v) => (v < 0 ? -0.5 : 0.5) + v),
      beta: values(random, channels),
      runningMean: values(random, channels),
      runningVariance: values(random, channels).map((v) => 2 + v),
    }),
  };
}

/** No number of y may be so near to relu's kink that rounding decides. */
function nearKink(y: Float64Array, bound: number): boolean {
  return y.some((v) => v !== 0 && Math.abs(v) < bound);
}

const pick = (inputs: Inputs, names: readonly string[]): Inputs =>
  Object.fromEntries(names.filter((name) => inputs[name]).map((name) => [name, inputs[name]]));

async function compare(
  op: ReadyOp<BatchNormGeometry>,
  part: string,
  inputs: Inputs,
  g: BatchNormGeometry,
  bound: (name: string, summed: number) => (i: number) => number,
): Promise<Record<string, Float64Array>> {
  const given = pick(inputs, op.parts[part].inputs);
  const shapes = Object.fromEntries(
    Object.keys(given).map((name) => [name, name === 'x' || name === 'dy' ? g.shape : [g.channels]]),
  );
  const expected = onReference(op, part, given, g);
  const found = await sides.run(op, part, given, shapes, g);
  for (const side in found) {
    const summed = roundings(side, g);
    for (const name in expected) expectWithin(`${name} by ${side}`, found[side][name], expected[name], bound(name, summed));
  }
  return expected;
}

/** Sum over the rows of |a| or |a b|, and the largest of all channels. */
function absoluteSums(g: BatchNormGeometry, value: (i: number, c: number) => number): number {
  const sums = new Float64Array(g.channels);
  for (let r = 0; r < g.rows; r++) for (let c = 0; c < g.channels; c++) sums[c] += Math.abs(value(r * g.channels + c, c));
  return Math.max(...sums);
}

/** Bound of one of the gradients, for all its elements, where a channel's sum takes `summed` roundings. */
function gradientBound(inputs: Inputs, g: BatchNormGeometry, name: string, summed: number): () => number {
  const { x, dy, mean, variance, gamma } = inputs;
  const inverse = (c: number): number => 1 / Math.sqrt(variance[c] + g.epsilon);
  const plain = absoluteSums(g, (i) => dy[i]);
  // x - mean is exact up to the rounding of mean, which all sides share here.
  const weighted = absoluteSums(g, (i, c) => dy[i] * (x[i] - mean[c]) * inverse(c));
  const dgamma = summed * ROUNDING * weighted;
  const dbeta = summed * ROUNDING * plain;
  if (name !== 'dx') return () => (name === 'dgamma' ? dgamma : dbeta);
  let dx = 0;
  for (let i = 0; i < x.length; i++) {
    const c = i % g.channels;
    const scale = Math.abs(gamma?.[c] ?? 1) * inverse(c);
    const xhat = Math.abs(x[i] - mean[c]) * inverse(c);
    const terms = Math.abs(dy[i]) + (plain + xhat * weighted) / g.rows;
    dx = Math.max(dx, scale * (8 * ROUNDING * terms + (dbeta + xhat * dgamma) / g.rows));
  }
  return () => dx;
}

function cases(): { shape: number[]; activation: BatchNormActivation; centre: number; optional: boolean }[] {
  const random = generator(seed);
  const shapes = [
    [64, 10],
    [3, 6],
    [1, 6],
    [2, 1],
    [7, 3],
    [1, 4, 3, 16],
    [4, 3, 5, 6],
    [2, 9, 9, 10],
    [1, 60, 41, 16],
    [70, 500],
    [2, 83, 33, 6],
    [5, 1, 1, 129],
    [1, 183, 181, 1],
    ...Array.from({ length: 8 }, () => [
      integer(random, 1, 5),
      integer(random, 1, 8),
      integer(random, 1, 8),
      integer(random, 1, 70),
    ]),
  ];
  return shapes.flatMap((shape) =>
    [true, false].map((optional) => {
      const activation = choose<BatchNormActivation>(random, ['linear', 'relu']);
      // Far from 0, x rounds so much that some y always is too near to relu's kink.
      return { shape, optional, activation, centre: activation === 'relu' ? 0 : choose(random, [0, 5, -300]) };
    }),
  );
}

describe(`batchNorm's kernels (seed ${seed})`, () => {
  test.each(cases().map((c) => [JSON.stringify(c), c] as const))('%s', async (_, { shape, activation, centre, optional }) => {
    const g = geometry(shape, activation);
    const random = generator(seed + g.rows * g.channels);
    const away = Math.abs(centre) + 4;
    // The batch's mean and variance come out rounded; y is off by the mean's rounding times the scale, which
    // is largest where few rows have a small variance.
    let inputs: Inputs;
    let expected: Record<string, Float64Array>;
    let scale: number;
    for (;;) {
      inputs = draw(random, g, centre, optional);
      expected = onReference(training, 'forward', pick(inputs, training.parts['forward'].inputs), g);
      scale = Math.max(...expected['variance'].map((v, c) => Math.abs(inputs['gamma']?.[c] ?? 1) / Math.sqrt(v + g.epsilon)));
      const given = onReference(inference, 'forward', pick(inputs, inference.parts['forward'].inputs), g);
      if (activation === 'linear' || (!nearKink(expected['y'], 16 * ROUNDING * away * scale) && !nearKink(given['y'], 1e-5)))
        break;
    }
    // Our mean is the piece's, corrected by the sum of what is left; others sum x itself.
    const meanBound = (summed: number): number => 4 * ROUNDING * away + summed * ROUNDING * (summed > g.rows ? away : 2);
    await compare(training, 'forward', inputs, g, (name, summed) => {
      const mean = meanBound(summed);
      const variance = (i: number): number => summed * ROUNDING * expected['variance'][i] + mean ** 2 + 1e-30;
      if (name === 'mean') return () => mean;
      if (name === 'newMean') return () => mean + 4 * ROUNDING * away;
      if (name === 'variance') return variance;
      if (name === 'newVariance') return (i) => 2 * variance(i) + 16 * ROUNDING;
      // The scale changes with half the variance's relative error.
      const relative = Math.max(...expected['variance'].map((v, c) => variance(c) / (v + g.epsilon)));
      const y = scale * mean + 4 * (relative + 4 * ROUNDING) * (scale * 4 + 1);
      return () => y;
    });

    const batch = { ...inputs, mean: Float32Array.from(expected['mean']), variance: Float32Array.from(expected['variance']) };
    await compare(training, 'dx', batch, g, (name, summed) => gradientBound(batch, g, name, summed));

    const frozenScale = Math.max(
      ...inputs['variance'].map((v, c) => Math.abs(inputs['gamma']?.[c] ?? 1) / Math.sqrt(v + g.epsilon)),
    );
    await compare(inference, 'forward', inputs, g, () => () => 8 * ROUNDING * (frozenScale * 4 + 1));
    for (const part of ['dx', 'dgamma', 'dbeta']) {
      await compare(inference, part, inputs, g, (name, summed) => gradientBound(inputs, g, name, summed));
    }
  });

  test('a mean that is far larger than the deviation costs no digits of the variance', async () => {
    const g = geometry([8, 16, 16, 6], 'linear');
    const random = generator(seed);
    const x = values(random, 8 * 256 * 6).map((v) => 10_000 + Math.round(v * 512) / 512);
    x.fill(0, 0, 6); // and the first row, which a shifted sum might start from, is an outlier
    // A plain sum of x has no digits left.
    const expectClose = async (bounds: Record<string, number>): Promise<void> => {
      const expected = onReference(training, 'forward', { x }, g);
      const found = await sides.run(training, 'forward', { x }, { x: g.shape }, g);
      for (const side in found) {
        if (plainSums.includes(side)) continue;
        for (const name in bounds) expectWithin(`${name} by ${side}`, found[side][name], expected[name], () => bounds[name]);
      }
    };
    // The outlier alone gives a variance of 1e8 / 2048.
    await expectClose({ mean: 2 * ROUNDING * 10_000, variance: 100 * ROUNDING * 5e4, y: 1e-4 });
    x.copyWithin(0, 6, 12);
    // 10,000 rounds to 2^-11, which y sees against a deviation of 0.58; the variance is 1/3.
    await expectClose({ mean: 2 * ROUNDING * 10_000, variance: 1e-5, y: 4e-3 });
    // The first half, around whose mean sums might be taken, lies far from the other half: the variance is 2.5e7.
    x.fill(0, 0, x.length / 2);
    await expectClose({ mean: 100 * ROUNDING * 10_000, variance: 100 * ROUNDING * 2.5e7, y: 1e-4 });
  });

  test('NaN in one channel stays in that channel', async () => {
    const g = geometry([5, 7], 'relu');
    const inputs = draw(generator(seed), g, 0, false);
    inputs['x'][9] = NaN;
    const found = await sides.run(training, 'forward', { x: inputs['x'] }, { x: g.shape }, g);
    for (const side in found) {
      found[side]['y'].forEach((v, i) => {
        expect([side, i, Number.isNaN(v)]).toEqual([side, i, i % 7 === 2]);
      });
    }
  });

  test.each(['linear', 'relu'] as const)('training and inference against central differences in float64, %s', (activation) => {
    const g = geometry([3, 2, 3, 4], activation);
    const random = generator(seed);
    const wide = Object.fromEntries(Object.entries(draw(random, g, 0, true)).map(([name, v]) => [name, Float64Array.from(v)]));
    for (const op of [training, inference]) {
      const { reference } = op.kernels;
      const outputs = (): Record<string, Float64Array> =>
        Object.fromEntries(
          Object.entries(op.parts['forward'].outputs).map(([name, shape]) => [
            name,
            new Float64Array(shape(g).reduce((a, b) => a * b, 1)),
          ]),
        );
      const run = (): Record<string, Float64Array> => {
        const result = outputs();
        reference['forward'](wide, result, g);
        return result;
      };
      const value = (): number => run()['y'].reduce((sum, y, i) => sum + y * wide['dy'][i], 0);
      const saved = { ...wide, ...(op === training && pickWide(run(), ['mean', 'variance'])) };
      for (const [part, { outputs: names }] of Object.entries(op.parts)) {
        if (part === 'forward') continue;
        const gradients = Object.fromEntries(
          Object.entries(names).map(([name, shape]) => [name, new Float64Array(shape(g).reduce((a, b) => a * b, 1))]),
        );
        reference[part](saved, gradients, g);
        for (const name in gradients) {
          const of = wide[name.slice(1)];
          const step = 1e-6;
          const differences = of.map((middle, i) => {
            of[i] = middle + step;
            const above = value();
            of[i] = middle - step;
            const below = value();
            of[i] = middle;
            return (above - below) / (2 * step);
          });
          expectWithin(`${part}: ${name}`, gradients[name], differences, () => 1e-8);
        }
      }
    }
  });
});

const pickWide = (from: Record<string, Float64Array>, names: string[]): Record<string, Float64Array> =>
  Object.fromEntries(names.map((name) => [name, from[name]]));

describe.each(['cpu', 'wasm-cnn', 'wasm'])('batchNorm on the tape of %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));

  test('gradients of what is asked for; absent gamma and beta', () => {
    tf.tidy(() => {
      const x = tf.tensor4d(values(generator(seed), 2 * 3 * 3 * 6), [2, 3, 3, 6]);
      const gamma = tf.ones([6]);
      const beta = tf.zeros([6]);
      const dy = tf.tensor4d(values(generator(seed + 1), x.size), x.shape);
      const full = tf.grads((a: tf.Tensor, b: tf.Tensor, c: tf.Tensor) => batchNorm(a, { training: true, gamma: b, beta: c }).y)(
        [x, gamma, beta],
        dy,
      );
      const bare = tf.grad((a: tf.Tensor) => batchNorm(a, { training: true }).y)(x, dy);
      expectWithin('dx', Float64Array.from(bare.dataSync()), Float64Array.from(full[0].dataSync()), () => 1e-6);
      expect(full.map(({ shape }) => shape)).toEqual([[2, 3, 3, 6], [6], [6]]);
      const statistics = { runningMean: tf.zeros([6]), runningVariance: tf.ones([6]) };
      const frozen = tf.grads((a: tf.Tensor, b: tf.Tensor) => batchNorm(a, { ...statistics, gamma: b }))([x, gamma]);
      expect(frozen.map(({ shape }) => shape)).toEqual([[2, 3, 3, 6], [6]]);
    });
  });

  test('arguments that do not fit are named', () => {
    tf.tidy(() => {
      const x = tf.zeros([2, 3, 3, 6]);
      expect(() => batchNorm(x, { training: true, gamma: tf.ones([5]) })).toThrow(
        'gamma must have shape [6], one number a channel of x, got [5]',
      );
      expect(() => batchNorm(tf.zeros([2, 3, 6]), { training: true })).toThrow('x must have rank 2');
      expect(() => batchNorm(x, {} as never)).toThrow('runningMean and runningVariance must be given');
      expect(() => batchNorm(x, { training: true, momentum: 2 })).toThrow('momentum must be in [0, 1], got 2');
      expect(() => batchNorm(x, { training: true, activation: 'tanh' as never })).toThrow(
        "activation must be 'linear' or 'relu', got 'tanh'",
      );
      expect(() => batchNormGeometry(tf.zeros([0, 3]), {}, { epsilon: 0, momentum: 0, activation: 'linear' })).toThrow(
        'must not be empty',
      );
    });
  });
});

describeIf('golden', 'batchNorm against PyTorch in float64', () => {
  interface Golden {
    op: string;
    params: { training: boolean; epsilon: number; momentum: number };
    inputs: Record<string, { shape: number[]; scale: number }>;
    outputs: Record<string, { values: number[] }>;
  }
  const { cases: all } = JSON.parse(readFileSync(sharedPath('golden/ops.json'), 'utf8')) as { cases: Golden[] };
  const own = all.filter(({ op }) => op === 'batchNorm');

  test.each(own.map((c) => [`[${c.inputs['x'].shape}] ${JSON.stringify(c.params)}`, c] as const))(
    '%s',
    async (_, { params, inputs, outputs }) => {
      const fill = (name: string): Float64Array => {
        const { shape, scale } = inputs[name];
        const raw = uniform(
          name,
          shape.reduce((a, b) => a * b, 1),
        ).map((v) => v * scale);
        return name === 'gamma' ? raw.map((v) => 1.5 + v) : name === 'variance' ? raw.map((v) => 1 + 0.5 * v) : raw;
      };
      const [x, gamma, beta, mean, variance, dy] = ['x', 'gamma', 'beta', 'mean', 'variance', 'dy'].map(fill);
      const { shape } = inputs['x'];
      const g = { ...geometry(shape, 'linear'), epsilon: params.epsilon, momentum: params.momentum };
      const golden = (name: string): Float64Array => Float64Array.from(outputs[name].values);
      const close = (name: string, found: Float64Array, digits: number): void =>
        expectWithin(name, found, golden(name), (i) => digits * (1 + Math.abs(golden(name)[i])));

      const y = new Float64Array(x.length);
      const dx = new Float64Array(x.length);
      const [dgamma, dbeta, batchMean, batchVariance, newMean, newVariance] = Array.from(
        { length: 6 },
        () => new Float64Array(g.channels),
      );
      if (params.training) {
        const { reference } = training.kernels;
        reference['forward'](
          { x, gamma, beta, runningMean: mean, runningVariance: variance },
          { y, mean: batchMean, variance: batchVariance, newMean, newVariance },
          g,
        );
        reference['dx']({ dy, x, gamma, beta, mean: batchMean, variance: batchVariance }, { dx, dgamma, dbeta }, g);
        close('runningMean', newMean, 1e-9);
        close('runningVariance', newVariance, 1e-9);
      } else {
        const { reference } = inference.kernels;
        const given = { dy, x, gamma, beta, mean, variance };
        reference['forward'](given, { y }, g);
        reference['dx'](given, { dx }, g);
        reference['dgamma'](given, { dgamma }, g);
        reference['dbeta'](given, { dbeta }, g);
      }
      close('y', y, 1e-9);
      close('dx', dx, 1e-9);
      close('dgamma', dgamma, 1e-9);
      close('dbeta', dbeta, 1e-9);

      for (const backend of ['cpu', 'wasm-cnn', 'wasm']) {
        await tf.setBackend(backend);
        tf.tidy(() => {
          const tensor = (v: Float64Array): tf.Tensor =>
            tf.tensor(Float32Array.from(v), v.length === x.length ? shape : [g.channels]);
          const options = {
            runningMean: tensor(mean),
            runningVariance: tensor(variance),
            epsilon: params.epsilon,
            momentum: params.momentum,
          };
          const run = (a: tf.Tensor, b: tf.Tensor, c: tf.Tensor): tf.Tensor => {
            if (!params.training) return batchNorm(a, { ...options, gamma: b, beta: c });
            const result = batchNorm(a, { ...options, training: true, gamma: b, beta: c });
            close('runningMean', Float64Array.from(result.runningMean.dataSync()), 16 * ROUNDING);
            close('runningVariance', Float64Array.from(result.runningVariance.dataSync()), 64 * ROUNDING);
            return result.y;
          };
          const { value, grads } = tf.valueAndGrads(run)([tensor(x), tensor(gamma), tensor(beta)], tensor(dy));
          close('y', Float64Array.from(value.dataSync()), 64 * ROUNDING);
          ['dx', 'dgamma', 'dbeta'].forEach((name, i) => {
            close(name, Float64Array.from(grads[i].dataSync()), (16 + g.rows) * 4 * ROUNDING);
          });
        });
      }
    },
  );
});
