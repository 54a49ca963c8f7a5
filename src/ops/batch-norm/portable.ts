import * as tf from '@tensorflow/tfjs-core';
import type { Named, Parts, PortableKernel } from '../../kernels.js';
import { relu } from '../activation/portable.js';
import { type BatchNormGeometry, unbiasing } from './geometry.js';

type Kernels = Parts<PortableKernel<BatchNormGeometry>>;
type Tensors = Named<tf.Tensor>;

/** All axes but the channels'. */
const axes = (g: BatchNormGeometry): number[] => g.shape.slice(1).map((_, axis) => axis);

const inverseDeviation = ({ variance }: Tensors, g: BatchNormGeometry): tf.Tensor => tf.rsqrt(tf.add(variance, g.epsilon));

function scaleOf(inputs: Tensors, g: BatchNormGeometry): tf.Tensor {
  const inverse = inverseDeviation(inputs, g);
  return inputs['gamma'] ? tf.mul(inverse, inputs['gamma']) : inverse;
}

/** y before the activation. */
function normalised(inputs: Tensors, g: BatchNormGeometry): tf.Tensor {
  const { x, beta, mean } = inputs;
  const z = tf.mul(tf.sub(x, mean), scaleOf(inputs, g));
  return beta ? tf.add(z, beta) : z;
}

const activated = (z: tf.Tensor, g: BatchNormGeometry): tf.Tensor => (g.activation === 'relu' ? relu(z) : z);

/** dy before the activation. */
function unfused(inputs: Tensors, g: BatchNormGeometry): tf.Tensor {
  const { dy } = inputs;
  if (g.activation === 'linear') return dy;
  return tf.where(tf.lessEqual(normalised(inputs, g), 0), tf.zerosLike(dy), dy);
}

function gammaGradient(dz: tf.Tensor, inputs: Tensors, g: BatchNormGeometry): tf.Tensor {
  const { x, mean } = inputs;
  return tf.mul(tf.sum(tf.mul(dz, tf.sub(x, mean)), axes(g)), inverseDeviation(inputs, g));
}

function updated(running: tf.Tensor | undefined, batch: tf.Tensor, momentum: number): tf.Tensor {
  return running ? tf.add(tf.mul(running, 1 - momentum), tf.mul(batch, momentum)) : tf.clone(batch);
}

export const trainingPortable: Kernels = {
  forward(inputs, g) {
    const { x, runningMean, runningVariance } = inputs;
    const { mean, variance } = tf.moments(x, axes(g));
    const unbiased = tf.mul(variance, unbiasing(g));
    const y = activated(normalised({ ...inputs, mean, variance }, g), g);
    return [y, mean, variance, updated(runningMean, mean, g.momentum), updated(runningVariance, unbiased, g.momentum)];
  },

  dx(inputs, g) {
    const { x, mean } = inputs;
    const dz = unfused(inputs, g);
    const dgamma = gammaGradient(dz, inputs, g);
    const dbeta = tf.sum(dz, axes(g));
    const xhat = tf.mul(tf.sub(x, mean), inverseDeviation(inputs, g));
    const shared = tf.div(tf.add(dbeta, tf.mul(xhat, dgamma)), g.rows);
    return [tf.mul(tf.sub(dz, shared), scaleOf(inputs, g)), dgamma, dbeta];
  },
};

export const inferencePortable: Kernels = {
  forward: (inputs, g) => activated(normalised(inputs, g), g),
  dx: (inputs, g) => tf.mul(unfused(inputs, g), scaleOf(inputs, g)),
  dgamma: (inputs, g) => gammaGradient(unfused(inputs, g), inputs, g),
  dbeta: (inputs, g) => tf.sum(unfused(inputs, g), axes(g)),
};
