import * as tf from '@tensorflow/tfjs-core';
import type { Parts, PortableKernel } from '../../kernels.js';
import { rowWeight } from '../loss/geometry.js';
import { denseLabels } from '../loss/portable.js';
import type { SoftmaxCrossEntropyGeometry } from './softmax-cross-entropy.js';

function smoothed(labels: tf.Tensor, g: SoftmaxCrossEntropyGeometry): tf.Tensor {
  const q = denseLabels(labels, g);
  const { labelSmoothing: s, classes } = g;
  return s === 0 ? q : tf.add(tf.mul(q, 1 - s), s / classes);
}

export const portable: Parts<PortableKernel<SoftmaxCrossEntropyGeometry>> = {
  forward({ logits, labels, weights }, g) {
    const shifted = tf.sub(logits, tf.max(logits, 1, true));
    const exponentials = tf.exp(shifted);
    const sum = tf.sum(exponentials, 1, true);
    const q = smoothed(labels, g);
    const terms = tf.mul(q, tf.sub(tf.log(sum), shifted));
    const unweighed = tf.sum(tf.where(tf.equal(q, 0), tf.zerosLike(terms), terms), 1);
    const rows = weights ? tf.mul(unweighed, weights) : unweighed;
    const loss = g.reduction === 'none' ? rows : tf.mul(tf.sum(rows), rowWeight(g));
    return [loss, tf.div(exponentials, sum)];
  },

  dlogits({ dy, labels, weights, probabilities }, g) {
    const q = smoothed(labels, g);
    const difference = tf.sub(tf.mul(probabilities, tf.sum(q, 1, true)), q);
    const rows = tf.mul(weights ? tf.mul(dy, weights) : dy, rowWeight(g));
    return tf.mul(difference, tf.reshape(rows, [-1, 1]));
  },
};
