import * as tf from '@tensorflow/tfjs-core';
import type { WindowGeometry } from '../../geometry.js';
import type { Parts, PortableKernel } from '../../kernels.js';
import type { DividedAxes } from '../pool/axis.js';
import { cutPhases, forEachPlace, seenAt, sendBack } from '../pool/phases.js';
import { type AvgPoolGeometry, averagingAxes } from './geometry.js';

/** Average pooling by slices, both ways: tfjs's own loses NaN on some backends. */
export const portable: Parts<PortableKernel<AvgPoolGeometry>> = {
  forward: ({ x }, g) => tf.mul(windowSums(x as tf.Tensor4D, g), weights(averagingAxes(g))),

  dx: ({ dy }, g) => {
    const share: tf.Tensor4D = tf.mul(dy, weights(averagingAxes(g)));
    return sendBack(g, () => share);
  },
};

/** Sum over each window. */
export function windowSums(x: tf.Tensor4D, g: WindowGeometry): tf.Tensor4D {
  const phases = cutPhases(x, g, 0);
  let sum: tf.Tensor4D | undefined;
  forEachPlace(g, (ky, kx) => {
    const seen = seenAt(phases, g, ky, kx);
    sum = sum ? tf.add(sum, seen) : seen;
  });
  return sum!;
}

/** One over what each window is divided by, [1, outHeight, outWidth, 1]; one number where all are equal. */
export function weights([rows, columns]: DividedAxes): tf.Tensor {
  const values = Array.from(rows.divisor, (height) => Array.from(columns.divisor, (width) => 1 / (height * width))).flat();
  if (values.every((value) => value === values[0])) return tf.scalar(values[0]);
  return tf.tensor4d(values, [1, rows.divisor.length, columns.divisor.length, 1]);
}
