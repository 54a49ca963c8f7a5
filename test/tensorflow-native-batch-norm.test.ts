/** Native batch normalisation of the tensorflow backend, both ways, against the float64 references, and called wrongly. */
import * as tf from '@tensorflow/tfjs-core';
import { batchNormTraining } from '../src/index.js';
import { batchNormGeometry } from '../src/ops/batch-norm/geometry.js';
import { onReference, ROUNDING } from './kernel-sides.js';
import { execute, expectPart, filled, type Inputs, type Shapes } from './native-calls.js';
import { describeIf } from './requires.js';
import { onAcceleratedTensorFlow } from './tensorflow.js';

describeIf('tfjs-node', 'native batch normalisation', () => {
  onAcceleratedTensorFlow();

  // One row, one channel; less than a line of 64 numbers, with a line that is not full; several blocks, several pieces; more than a line.
  const matrices = [
    [1, 1],
    [1, 7],
    [9, 1],
    [33, 5],
    [700, 3],
    [5000, 16],
    [6, 64],
    [1100, 65],
    [19, 2048],
  ] as const;

  describe('TfjsCnnBatchNorm', () => {
    const { definition } = batchNormTraining;
    const given = ['gamma', 'beta', 'runningMean', 'runningVariance'];

    // Numbers around 0, and such as are far from it for their spread.
    test.each(matrices.flatMap(([rows, channels]) => [[rows, channels, 1, 0] as const, [rows, channels, 0.05, 20] as const]))(
      'of [%d, %d], numbers within %d of %d',
      (rows, channels, scale, offset) => {
        for (const [i, vectors] of [given, given.slice(0, 2), given.slice(1, 3), ['runningVariance'], []].entries()) {
          const inputs: Inputs = { x: filled('x', rows * channels, scale, offset) };
          for (const name of vectors) inputs[name] = filled(name, channels);
          const shapes: Shapes = Object.fromEntries(vectors.map((name) => [name, [channels]]));
          shapes['x'] = [rows, channels];
          const options = { epsilon: 1e-3, momentum: 0.1, activation: i % 2 ? 'linear' : 'relu', unbiased: i < 3 } as const;
          const g = tf.tidy(() => batchNormGeometry(tf.zeros([rows, channels]), {}, options));
          const { variance } = onReference(definition, 'forward', inputs, g);
          // Up to 32 numbers are added in float32, around a pivot that is next to the mean; a mean is rounded when it is written.
          const apart = 2 * scale;
          const mean = ROUNDING * (offset + scale) + 40 * ROUNDING * apart;
          const squares = 45 * ROUNDING * apart ** 2;
          const least = Math.min(...variance!) + g.epsilon;
          const y = (2 * mean + 12 * ROUNDING * apart + (apart * squares) / (2 * least)) / Math.sqrt(least) + 2 * ROUNDING;
          const newMean = mean + 4 * ROUNDING * (offset + scale + 1);
          const newVariance = 2 * squares + 4 * ROUNDING * (2 * apart ** 2 + 1);
          const bounds = { y, mean, variance: squares + ROUNDING * apart ** 2, newMean, newVariance };
          expectPart(definition, 'forward', inputs, shapes, g, bounds);
        }
      },
    );

    const right = { epsilon: 1e-3, momentum: 0.1, unbiased: true, relu: true, scaled: true, shifted: true, mean_runs: true };
    test.each([
      [
        'a short beta',
        { ...right, variance_runs: false, N: 3 },
        [[2, 3], [3], [2], [3]],
        /beta must have shape \[3\], got \[2\]/,
      ],
      ['too few vectors', { ...right, variance_runs: true, N: 3 }, [[2, 3], [3], [3], [3]], /running variance must be given/],
      ['too many', { ...right, variance_runs: false, N: 4 }, [[2, 3], [3], [3], [3], [3]], /vectors must be 3, got 4/],
      ['nothing', { ...right, variance_runs: false, N: 3 }, [[0, 3], [3], [3], [3]], /not be empty, got \[0,3\]/],
    ])('refuses %s', (_name, attributes, shapes, message) => {
      const inputs = shapes.map((shape) => tf.ones(shape));
      expect(() => execute('TfjsCnnBatchNorm', attributes, inputs, 5)).toThrow(message);
      tf.dispose(inputs);
    });
  });

  describe('TfjsCnnBatchNormGrad', () => {
    test.each(matrices)('of [%d, %d]', (rows, channels) => {
      const size = rows * channels;
      for (const activation of ['linear', 'relu'] as const) {
        for (const vectors of [['gamma', 'beta'], ['gamma'], ['beta'], []]) {
          const inputs: Inputs = { dy: filled('dy', size), x: filled('x', size) };
          for (const name of vectors) inputs[name] = filled(name, channels);
          inputs['mean'] = filled('mean', channels, 0.3);
          inputs['variance'] = filled('variance', channels, 0.25, 0.75);
          const shapes: Shapes = Object.fromEntries(Object.keys(inputs).map((name) => [name, [channels]]));
          shapes['dy'] = [rows, channels];
          shapes['x'] = [rows, channels];
          const x = tf.tensor2d(inputs['x']!, [rows, channels]);
          const g = batchNormGeometry(x, {}, { epsilon: 1e-3, momentum: 0.1, activation });
          x.dispose();
          offTheKink(inputs, g);
          // Of magnitudes: dy 1, x - mean 1.3, 1 / deviation 1.5, 1 / variance 2. Up to 32 numbers are added in float32.
          const sums = 40 * ROUNDING * rows;
          const dx = 1.5 * (50 * ROUNDING + (sums / rows) * (1 + 1.3 * 2 * 1.3));
          const bounds = { dx, dgamma: sums * 1.3 * 1.5, dbeta: sums };
          expectPart(batchNormTraining.definition, 'dx', inputs, shapes, g, bounds);
        }
      }
    });

    /** A value before relu that may fall to either side of 0 gets no gradient from above. */
    function offTheKink({ dy, x, gamma, beta, mean, variance }: Inputs, g: ReturnType<typeof batchNormGeometry>): void {
      for (let i = 0; i < dy!.length; i++) {
        const c = i % g.channels;
        const scale = (gamma?.[c] ?? 1) / Math.sqrt(variance![c]! + g.epsilon);
        if (Math.abs(scale * (x![i]! - mean![c]!) + (beta?.[c] ?? 0)) < 1e-5) dy![i] = 0;
      }
    }

    const right = { epsilon: 1e-3, relu: true, scaled: true, shifted: true, N: 4 };
    const vector = () => tf.ones([3]);
    test.each([
      [
        'another dy',
        right,
        () => [tf.ones([2, 4]), tf.ones([2, 3]), vector(), vector(), vector(), vector()],
        /dy must have shape \[2,3\], got \[2,4\]/,
      ],
      [
        'a short beta',
        right,
        () => [tf.ones([2, 3]), tf.ones([2, 3]), vector(), vector(), vector(), tf.ones([2])],
        /beta must have shape \[3\], got \[2\]/,
      ],
      [
        'too few vectors',
        { ...right, N: 3 },
        () => [tf.ones([2, 3]), tf.ones([2, 3]), vector(), vector(), vector()],
        /vectors must be mean, variance, gamma, beta, got 3/,
      ],
      [
        'nothing',
        right,
        () => [tf.ones([0, 3]), tf.ones([0, 3]), vector(), vector(), vector(), vector()],
        /not be empty, got \[0,3\]/,
      ],
      [
        'int32',
        right,
        () => [tf.ones([2, 3], 'int32'), tf.ones([2, 3]), vector(), vector(), vector(), vector()],
        /expected to be a float tensor/,
      ],
    ])('refuses %s', (_name, attributes, inputs, message) => {
      expect(() => execute('TfjsCnnBatchNormGrad', attributes, inputs(), 3)).toThrow(message);
      // And goes on.
      const vectors = [vector(), vector(), vector(), vector()];
      expect(execute('TfjsCnnBatchNormGrad', right, [tf.ones([2, 3]), tf.ones([2, 3]), ...vectors], 3)[1]!.shape).toEqual([3]);
    });
  });
});
