/** NaN in compositions of tfjs-core ops: backends disagree on its maximum, so it is carried beside. */
import * as tf from '@tensorflow/tfjs-core';

/** The largest finite float32. */
export const LARGEST = 3.4028234663852886e38;

/** The largest by `pool`, which need not know NaN; NaN where there is one. */
export function largestOrNaN(x: tf.Tensor4D, pool: (values: tf.Tensor4D, around: number) => tf.Tensor4D): tf.Tensor4D {
  const nan = tf.isNaN(x);
  const largest = pool(replaced(nan, x, 0), Number.NEGATIVE_INFINITY);
  // Not cast: tfjs's webgpu leaves integers in what it casts to floats, and cannot transpose them then.
  const marks = replaced(nan, tf.zerosLike(x), 1);
  const found = tf.greater(pool(marks, 0), 0.5);
  return replaced(found, largest, Number.NaN);
}

/**
 * Numbers in the order of a maximum, without NaN: NaN becomes Infinity, and infinities the largest numbers, so
 * that the padding, -Infinity, equals none. (A window that holds both an infinity and the largest finite
 * number cannot tell them apart.)
 */
export function ordered(x: tf.Tensor4D): tf.Tensor4D {
  return replaced(tf.isNaN(x), tf.clipByValue(x, -LARGEST, LARGEST), Number.POSITIVE_INFINITY);
}

/** `value` where the mask is true. A number would be broadcast by tiling, which some backends do slowly. */
export function replaced(mask: tf.Tensor, x: tf.Tensor4D, value: number): tf.Tensor4D {
  return tf.where(mask, tf.fill(x.shape, value), x);
}
