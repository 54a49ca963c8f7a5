/** The activations by their names, against their formulas; their gradients are op-table.test.ts's business. */
import * as tf from '@tensorflow/tfjs-core';
import * as cnn from '../src/index.js';

const x = [-4, -2.5, -1, -0.5, 0, 0.25, 1, 3, 5, 7];
const clip = (v: number) => Math.min(Math.max(v, 0), 6);
const logistic = (v: number) => 1 / (1 + Math.exp(-v));
const softplus = (v: number) => Math.log1p(Math.exp(v));
const elu = (v: number, alpha = 1) => (v < 0 ? alpha * Math.expm1(v) : v);

const formulas: [name: string, function: (x: tf.Tensor) => tf.Tensor, formula: (v: number) => number][] = [
  ['relu', cnn.relu, (v) => Math.max(v, 0)],
  ['relu6', cnn.relu6, clip],
  ['leakyRelu', cnn.leakyRelu, (v) => (v < 0 ? 0.01 * v : v)],
  ['leakyRelu of slope 0.3', (t) => cnn.leakyRelu(t, 0.3), (v) => (v < 0 ? 0.3 * v : v)],
  ['elu', cnn.elu, (v) => elu(v)],
  ['elu of depth 2', (t) => cnn.elu(t, 2), (v) => elu(v, 2)],
  ['selu', cnn.selu, (v) => 1.0507009873554805 * elu(v, 1.6732632423543772)],
  ['sigmoid', cnn.sigmoid, logistic],
  ['tanh', cnn.tanh, Math.tanh],
  ['softplus', cnn.softplus, softplus],
  ['hardSigmoid', cnn.hardSigmoid, (v) => clip(v + 3) / 6],
  ['gelu by tanh', (t) => cnn.gelu(t, 'tanh'), (v) => v * logistic(2 * Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3))],
  ['silu', cnn.silu, (v) => v * logistic(v)],
  ['hardSwish', cnn.hardSwish, (v) => (v * clip(v + 3)) / 6],
  ['mish', cnn.mish, (v) => v * Math.tanh(softplus(v))],
];

describe.each(['cpu', 'wasm-cnn'])('on %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));

  test.each(formulas)('%s is its formula', async (_name, f, formula) => {
    const y = tf.tidy(() => f(tf.tensor(x, [2, 5])));
    expect(y.shape).toEqual([2, 5]);
    // Some eight float32 roundings, relative to the larger of x and y.
    const values = await y.data();
    x.forEach((v, i) => {
      expect(Math.abs(values[i]! - formula(v))).toBeLessThan(2 ** -20 * Math.max(1, Math.abs(v), Math.abs(formula(v))));
    });
    y.dispose();
  });
});
