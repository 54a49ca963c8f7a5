import * as tf from '@tensorflow/tfjs-core';
import type { Parts, PortableKernel } from '../../kernels.js';
import { rowWeight } from '../loss/geometry.js';
import { denseLabels } from '../loss/portable.js';
import type { MulticlassHingeGeometry } from './multiclass-hinge.js';

/** One-hot labels, NaN in rows whose class does not exist. */
function oneHotLabels(labels: tf.Tensor, g: MulticlassHingeGeometry): tf.Tensor {
  const indices = g.indexed ? labels : tf.cast(tf.argMax(labels, 1), 'float32');
  return denseLabels(indices, { ...g, indexed: true });
}

/** margin + z_j - z_k, and what it was made with. At j = k it is the margin, which `wrong` leaves out. */
function leads(
  logits: tf.Tensor,
  labels: tf.Tensor,
  g: MulticlassHingeGeometry,
): { lead: tf.Tensor; right: tf.Tensor; wrong: tf.Tensor } {
  const right = oneHotLabels(labels, g);
  const own = tf.sum(tf.where(tf.equal(right, 0), tf.zerosLike(logits), tf.mul(right, logits)), 1, true);
  return { lead: tf.add(g.margin, tf.sub(logits, own)), right, wrong: tf.sub(1, right) };
}

export const portable: Parts<PortableKernel<MulticlassHingeGeometry>> = {
  forward({ logits, labels }, g) {
    const { lead, wrong } = leads(logits, labels, g);
    const terms = tf.maximum(lead, 0);
    const rows = tf.sum(tf.where(tf.equal(wrong, 0), tf.zerosLike(terms), tf.mul(wrong, terms)), 1);
    return g.reduction === 'none' ? rows : tf.mul(tf.sum(rows), rowWeight(g));
  },

  dlogits({ dy, logits, labels }, g) {
    const { lead, right, wrong } = leads(logits, labels, g);
    const violated = tf.mul(wrong, tf.cast(tf.greater(lead, 0), 'float32'));
    const slopes = tf.sub(violated, tf.mul(right, tf.sum(violated, 1, true)));
    return tf.mul(slopes, tf.mul(tf.reshape(dy, [-1, 1]), rowWeight(g)));
  },
};
