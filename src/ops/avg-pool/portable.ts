import * as tf from '@tensorflow/tfjs-core';
import type { Parts, PortableKernel } from '../../kernels.js';
import type { DividedAxes, PoolSizes } from '../pool/axis.js';
import { sumOver, tapsOf, transposedTaps } from '../pool/taps.js';
import { averagingAxes } from './geometry.js';

/** Average pooling over the windows that `axes` derives from the geometry: sums over rows, over columns, and a weight. */
export function averageOver<G extends PoolSizes>(axes: (g: G) => DividedAxes): Parts<PortableKernel<G>> {
  return {
    forward: ({ x }, g) => {
      const [rows, columns] = axes(g);
      const sum = sumOver(sumOver(x as tf.Tensor4D, 1, tapsOf(rows)), 2, tapsOf(columns));
      return tf.mul(sum, weights([rows, columns]));
    },

    dx: ({ dy }, g) => {
      const [rows, columns] = axes(g);
      const share: tf.Tensor4D = tf.mul(dy, weights([rows, columns]));
      const alongRows = sumOver(share, 1, transposedTaps(tapsOf(rows), g.inHeight));
      return sumOver(alongRows, 2, transposedTaps(tapsOf(columns), g.inWidth));
    },
  };
}

/** One over what each window is divided by, [1, outHeight, outWidth, 1]. */
function weights([rows, columns]: DividedAxes): tf.Tensor4D {
  const values = Array.from(rows.divisor, (height) => Array.from(columns.divisor, (width) => 1 / (height * width))).flat();
  return tf.tensor4d(values, [1, rows.divisor.length, columns.divisor.length, 1]);
}

export const portable = averageOver(averagingAxes);
