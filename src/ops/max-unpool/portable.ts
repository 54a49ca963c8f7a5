import * as tf from '@tensorflow/tfjs-core';
import type { Parts, PortableKernel } from '../../kernels.js';
import type { MaxUnpoolGeometry } from './geometry.js';

/** By value, its element of y as one flat list; `none` where no place is named. */
function elements(switches: tf.Tensor, g: MaxUnpoolGeometry, none: number): tf.Tensor1D {
  const places = g.outHeight * g.outWidth;
  const inside = tf.logicalAnd(
    tf.logicalAnd(tf.greaterEqual(switches, 0), tf.less(switches, places)),
    tf.equal(switches, tf.floor(switches)),
  );
  const outside = tf.fill(switches.shape, -1);
  const place = tf.cast(tf.where(inside, switches, outside), 'int32');
  const base = tf.reshape(tf.range(0, g.batch, 1, 'int32'), [g.batch, 1, 1, 1]);
  const channel = tf.reshape(tf.range(0, g.channels, 1, 'int32'), [1, 1, 1, g.channels]);
  const row = tf.add(place, tf.mul(base, tf.scalar(places, 'int32')));
  const element = tf.add(tf.mul(row, tf.scalar(g.channels, 'int32')), channel);
  return tf.reshape(tf.where(inside, element, tf.fill(switches.shape, none, 'int32')), [-1]) as tf.Tensor1D;
}

/** Scattering and gathering in one flat list, which has one element more for what goes nowhere. */
export const portable: Parts<PortableKernel<MaxUnpoolGeometry>> = {
  forward: ({ x, switches }, g) => {
    const size = g.batch * g.outHeight * g.outWidth * g.channels;
    const at = tf.expandDims(elements(switches!, g, size), 1);
    const y = tf.scatterND(at, tf.reshape(x!, [-1]), [size + 1]);
    return tf.reshape(tf.slice(y, [0], [size]), [g.batch, g.outHeight, g.outWidth, g.channels]);
  },

  dx: ({ dy, switches }, g) => {
    const all = tf.concat([tf.reshape(dy!, [-1]), tf.zeros([1])], 0);
    return tf.reshape(tf.gather(all, elements(switches!, g, all.size - 1)), switches!.shape);
  },
};
