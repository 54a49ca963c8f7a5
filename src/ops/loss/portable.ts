import * as tf from '@tensorflow/tfjs-core';
import type { LossGeometry } from './geometry.js';

/** Labels as [batch, classes]; a row whose class index does not exist is NaN. */
export function denseLabels(labels: tf.Tensor, { classes, indexed }: LossGeometry): tf.Tensor {
  if (!indexed) return labels;
  const exists = tf.logicalAnd(tf.greaterEqual(labels, 0), tf.less(labels, classes));
  const mark = tf.where(exists, tf.zerosLike(labels), tf.fill(labels.shape, NaN));
  const oneHot = tf.equal(tf.expandDims(labels, 1), tf.range(0, classes, 1, 'float32'));
  return tf.add(tf.cast(oneHot, 'float32'), tf.expandDims(mark, 1));
}
