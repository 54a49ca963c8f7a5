import * as tf from '@tensorflow/tfjs-core';
import type { WindowGeometry } from '../../geometry.js';
import type { Parts, PortableKernel } from '../../kernels.js';
import { windowAxes } from '../pool/axis.js';
import { sumOver, tapsOf, transposedTaps } from '../pool/taps.js';

/** L2 pooling: sums over rows and over columns of squares, and back of dy / y. */
export const portable: Parts<PortableKernel<WindowGeometry>> = {
  forward: ({ x }, g) => {
    const [rows, columns] = windowAxes(g).map(tapsOf);
    return tf.sqrt(sumOver(sumOver(tf.square(x as tf.Tensor4D), 1, rows), 2, columns));
  },

  dx: ({ dy, x, y }, g) => {
    const [rows, columns] = windowAxes(g).map(tapsOf);
    const ratio = tf.where(tf.equal(y, 0), 0, tf.div(dy, y)) as tf.Tensor4D;
    const alongRows = sumOver(ratio, 1, transposedTaps(rows, g.inHeight));
    return tf.mul(x, sumOver(alongRows, 2, transposedTaps(columns, g.inWidth)));
  },
};
