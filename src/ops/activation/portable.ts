import * as tf from '@tensorflow/tfjs-core';
import type { Parts, PortableKernel } from '../../kernels.js';
import type { ActivationKind } from './functions.js';
import type { ActivationGeometry } from './geometry.js';

type Pair = readonly [
  forward: (x: tf.Tensor, alpha: number) => tf.Tensor,
  backward: (dy: tf.Tensor, seen: tf.Tensor, alpha: number) => tf.Tensor,
];

const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;
const CUBIC = 2 * Math.sqrt(2 / Math.PI);

/** dy, but 0 where `stopped`. */
const unless = (stopped: tf.Tensor, dy: tf.Tensor): tf.Tensor => tf.where(stopped, tf.zerosLike(dy), dy);
/** max(x, 0). The relu of some backends (stock wasm) turns NaN into 0; a comparison does not. */
export const relu = (x: tf.Tensor): tf.Tensor => unless(tf.less(x, 0), x);
const relu6 = (x: tf.Tensor): tf.Tensor => relu(tf.where(tf.greater(x, 6), tf.fill(x.shape, 6), x));
const outside = (v: tf.Tensor, low: number, high: number): tf.Tensor =>
  tf.logicalOr(tf.lessEqual(v, low), tf.greaterEqual(v, high));
/** dy times the slope: `below` where v <= 0, `above` elsewhere. */
const twoSlopes = (dy: tf.Tensor, v: tf.Tensor, below: tf.Tensor | number, above: number): tf.Tensor =>
  tf.where(tf.lessEqual(v, 0), tf.mul(dy, below), tf.mul(dy, above));
const gate6 = (x: tf.Tensor): tf.Tensor => tf.div(relu6(tf.add(x, 3)), 6);
const negativeElu = (x: tf.Tensor): tf.Tensor => tf.expm1(unless(tf.greater(x, 0), x));
const normalCdf = (x: tf.Tensor): tf.Tensor => tf.mul(0.5, tf.add(1, tf.erf(tf.mul(x, Math.SQRT1_2))));
const normalDensity = (x: tf.Tensor): tf.Tensor => tf.mul(tf.exp(tf.mul(-0.5, tf.square(x))), 1 / Math.sqrt(2 * Math.PI));
const cubicSigmoid = (x: tf.Tensor): tf.Tensor => tf.sigmoid(tf.mul(tf.mul(x, CUBIC), tf.add(1, tf.mul(0.044715, tf.square(x)))));
/** s (1 - s) */
const bell = (s: tf.Tensor): tf.Tensor => tf.mul(s, tf.sub(1, s));

const pairs: Readonly<Record<ActivationKind, Pair>> = {
  linear: [(x) => tf.clone(x), (dy) => tf.clone(dy)],
  relu: [(x) => relu(x), (dy, y) => unless(tf.lessEqual(y, 0), dy)],
  relu6: [(x) => relu6(x), (dy, y) => unless(outside(y, 0, 6), dy)],
  elu: [(x, alpha) => tf.add(relu(x), tf.mul(alpha, negativeElu(x))), (dy, y, alpha) => twoSlopes(dy, y, tf.add(y, alpha), 1)],
  sigmoid: [(x) => tf.sigmoid(x), (dy, y) => tf.mul(dy, bell(y))],
  tanh: [(x) => tf.tanh(x), (dy, y) => tf.mul(dy, tf.sub(1, tf.square(y)))],
  leakyRelu: [(x, alpha) => tf.leakyRelu(x, alpha), (dy, y, alpha) => twoSlopes(dy, y, alpha, 1)],
  selu: [
    (x) => tf.mul(SELU_SCALE, tf.add(relu(x), tf.mul(SELU_ALPHA, negativeElu(x)))),
    (dy, y) => twoSlopes(dy, y, tf.add(y, SELU_SCALE * SELU_ALPHA), SELU_SCALE),
  ],
  softplus: [(x) => tf.add(relu(x), tf.log1p(tf.exp(tf.neg(tf.abs(x))))), (dy, y) => tf.neg(tf.mul(dy, tf.expm1(tf.neg(y))))],
  hardSigmoid: [(x) => gate6(x), (dy, y) => tf.div(unless(outside(y, 0, 1), dy), 6)],
  gelu: [(x) => tf.mul(x, normalCdf(x)), (dy, x) => tf.mul(dy, tf.add(normalCdf(x), tf.mul(x, normalDensity(x))))],
  geluTanh: [
    (x) => tf.mul(x, cubicSigmoid(x)),
    (dy, x) => {
      const near = tf.clipByValue(x, -16, 16); // beyond, the slope is 0 or 1, and squares would overflow
      const s = cubicSigmoid(near);
      const slope = tf.mul(CUBIC, tf.add(1, tf.mul(3 * 0.044715, tf.square(near))));
      return tf.mul(dy, tf.add(s, tf.mul(tf.mul(near, bell(s)), slope)));
    },
  ],
  silu: [
    (x) => tf.mul(x, tf.sigmoid(x)),
    (dy, x) => {
      const s = tf.sigmoid(x);
      return tf.mul(dy, tf.add(s, tf.mul(x, bell(s))));
    },
  ],
  hardSwish: [
    (x) => tf.mul(x, gate6(x)),
    (dy, x) => {
      const sloped = tf.where(tf.greater(x, 3), dy, tf.mul(dy, tf.add(tf.div(x, 3), 0.5)));
      return unless(tf.lessEqual(x, -3), sloped);
    },
  ],
  mish: [
    (x) => tf.mul(x, tf.tanh(tf.softplus(x))),
    (dy, x) => {
      const gate = tf.tanh(tf.softplus(x));
      return tf.mul(dy, tf.add(gate, tf.mul(tf.mul(x, tf.sigmoid(x)), tf.sub(1, tf.square(gate)))));
    },
  ],
};

export const portable: Parts<PortableKernel<ActivationGeometry>> = {
  forward: ({ x }, { kind, alpha }) => pairs[kind][0](x, alpha),
  dx: ({ dy, x, y }, { kind, alpha }) => pairs[kind][1](dy, x ?? y, alpha),
};
