/** The validation itself: right gradients pass, wrong ones are found, where and by how much. */
import * as tf from '@tensorflow/tfjs-core';
import { conv2d, validateGradients } from '../src/index.js';
import { caseTensors, opCases } from '../src/inspect/index.js';

beforeAll(() => tf.setBackend('cpu'));

/** y = x^2, with a gradient that is `factor` times the right one. */
const square = (factor: number) => (x: tf.Tensor) =>
  tf.customGrad((t, save) => {
    (save as tf.GradSaveFunc)([t as tf.Tensor]);
    return {
      value: tf.square(t as tf.Tensor),
      gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => tf.mul(dy, tf.mul(saved!, 2 * factor)),
    };
  })(x);

test('a right gradient passes against every oracle that there is', async () => {
  const x = tf.tensor([-1, 0.5, 2, 3]);
  const report = await validateGradients(square(1), [x], { builtin: tf.square as never });
  expect(report.passed).toBe(true);
  expect(report.backend).toBe('cpu');
  expect(report.comparisons.map(({ against }) => against).sort()).toEqual(['builtin', 'differences']);
});

test.each(['builtin', 'differences'] as const)('a gradient that is 1% off fails against %s', async (oracle) => {
  const x = tf.tensor([-1, 0.5, 2, 3]);
  const report = await validateGradients(square(1.01), [x], { against: oracle, builtin: tf.square as never });
  expect(report.passed).toBe(false);
  const [{ failures, worst }] = report.comparisons as [(typeof report.comparisons)[number]];
  expect(failures).toBe(4);
  expect(worst.error).toBeGreaterThan(worst.bound);
  expect(worst.found / worst.expected).toBeCloseTo(1.01, 3);
});

test('ops bring their reference, functions have none', async () => {
  const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
  const filter = tf.tensor4d([0.5], [1, 1, 1, 1]);
  const { passed, comparisons } = await validateGradients(conv2d, [x, filter], { against: 'reference' });
  expect(passed).toBe(true);
  expect(comparisons.map(({ what }) => what).sort()).toEqual(['dfilter', 'dx', 'y']);
  await expect(validateGradients(square(1), [x], { against: 'reference' })).rejects.toThrow('needs an op of this package');
});

test('the tensors of a case are the same for the same seed', async () => {
  const values = async (seed: number) => {
    const { x } = caseTensors(opCases[0]!, seed);
    return [...(await x!.data())];
  };
  expect(await values(5)).toEqual(await values(5));
  expect(await values(5)).not.toEqual(await values(6));
});
