import * as tf from '@tensorflow/tfjs-core';
import type { Parts, PortableKernel } from '../../kernels.js';
import { type Resampling, resamplings, transposedResampling, type UpsampleGeometry } from './geometry.js';

/** Along one axis: everybody's k-th neighbour gathered and weighed, for k = 0, 1, ... */
function resample(x: tf.Tensor4D, axis: 1 | 2, { first, count, offset, weights }: Resampling): tf.Tensor4D {
  const size = x.shape[axis];
  const most = Math.max(...count);
  const along: [number, number, number, number] = [1, 1, 1, 1];
  along[axis] = first.length;
  // One row or column of zeros past the end stands in where there is no k-th.
  const padding = along.map((_, i): [number, number] => [0, i === axis ? 1 : 0]);
  const source = count.every((length) => length === most) ? x : tf.pad(x, padding);
  const term = (k: number): tf.Tensor4D => {
    const positions = Array.from(first, (position, o) => (k < count[o]! ? position + k : size));
    const factors = Array.from(offset, (begin, o) => (k < count[o]! ? weights[begin + k]! : 0));
    const picked = tf.gather(source, tf.tensor1d(positions, 'int32'), axis);
    return factors.every((factor) => factor === 1) ? picked : tf.mul(picked, tf.tensor4d(factors, along));
  };
  let sum = term(0);
  for (let k = 1; k < most; k++) sum = tf.add(sum, term(k));
  return sum;
}

/** Rows, then columns. */
export const portable: Parts<PortableKernel<UpsampleGeometry>> = {
  forward: ({ x }, g) => {
    const [rows, columns] = resamplings(g);
    return resample(resample(x as tf.Tensor4D, 1, rows), 2, columns);
  },

  dx: ({ dy }, g) => {
    const [rows, columns] = resamplings(g);
    const tall = resample(dy as tf.Tensor4D, 1, transposedResampling(rows, g.inHeight));
    return resample(tall, 2, transposedResampling(columns, g.inWidth));
  },
};
