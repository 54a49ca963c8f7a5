import * as tf from '@tensorflow/tfjs-core';
import type { Parts, PortableKernel } from '../../kernels.js';
import { biasAndActivation } from '../activation/portable-fused.js';
import type { DenseGeometry } from './geometry.js';

/** x [rows, inputs], filter [inputs, units], by tf.matMul. */
export const portable: Parts<PortableKernel<DenseGeometry>> = {
  forward: ({ x, filter, bias }, { activation }) => biasAndActivation(tf.matMul(x, filter), bias, activation),
  dx: ({ dy, filter }) => tf.matMul(dy, filter, false, true),
  dfilter: ({ x, dy }) => tf.matMul(x, dy, true, false),
  dbias: ({ dy }) => tf.sum(dy, 0),
};
