import * as tf from '@tensorflow/tfjs-core';
import type { Parts, PortableKernel } from '../../kernels.js';
import type { LocalResponseNormalizationGeometry } from './geometry.js';

/** Local response normalization: sums over shifted slices of a row with zeros on both sides. */
export const portable: Parts<PortableKernel<LocalResponseNormalizationGeometry>> = {
  forward: ({ x }, g) => tf.mul(x, tf.pow(scale(x as tf.Tensor4D, g), -g.beta)),

  dx: ({ dy, x }, g) => {
    const s = scale(x as tf.Tensor4D, g);
    const direct: tf.Tensor4D = tf.mul(dy, tf.pow(s, -g.beta));
    const shares: tf.Tensor4D = tf.div(tf.mul(direct, x), s);
    const through = tf.mul(tf.mul(x, 2 * g.alpha * g.beta), windowSum(shares, g.above, g.below));
    return tf.sub(direct, through);
  },
};

/** s = k + a * sum of squares over the window. */
function scale(x: tf.Tensor4D, g: LocalResponseNormalizationGeometry): tf.Tensor4D {
  return tf.add(tf.mul(windowSum(tf.square(x), g.below, g.above), g.alpha), g.k);
}

/** By channel c, the sum over channels c - below to c + above. */
function windowSum(values: tf.Tensor4D, below: number, above: number): tf.Tensor4D {
  const padded = tf.pad(values, [
    [0, 0],
    [0, 0],
    [0, 0],
    [below, above],
  ]);
  let sum = values;
  for (let shift = 0; shift <= below + above; shift++) {
    if (shift !== below) sum = tf.add(sum, tf.slice(padded, [0, 0, 0, shift], values.shape));
  }
  return sum;
}
