import * as tf from '@tensorflow/tfjs-core';
import type { FusedActivation } from './fused.js';
import { activationGeometry } from './geometry.js';
import { portable } from './portable.js';

/** act(z + bias): what a portable forward kernel does last. */
export function biasAndActivation(z: tf.Tensor, bias: tf.Tensor | undefined, kind: FusedActivation): tf.Tensor {
  const shifted = bias ? tf.add(z, bias) : z;
  return kind === 'linear' ? shifted : (portable.forward({ x: shifted }, activationGeometry(kind, z.shape)) as tf.Tensor);
}
