import * as tf from '@tensorflow/tfjs-core';
import type { WindowGeometry } from '../../geometry.js';
import type { Parts, PortableKernel } from '../../kernels.js';
import { LARGEST, largestOrNaN, ordered, replaced } from '../pool/order.js';
import { asValid, cutPhases, forEachPlace, seenAt, sendBack } from '../pool/phases.js';

/** Max pooling by tfjs's own, and by slices where it cannot: dilation, and the way back. */
export const portable: Parts<PortableKernel<WindowGeometry>> = {
  forward: ({ x }, g) => largestOrNaN(x as tf.Tensor4D, (values, around) => largest(values, g, around)),

  dx: ({ dy, x, y }, g) => {
    const phases = cutPhases(ordered(x as tf.Tensor4D), g, Number.NEGATIVE_INFINITY);
    const maximum = ordered(y as tf.Tensor4D);
    const zeros = tf.zerosLike(maximum);
    // dy goes to the first that equals the maximum; nothing is left for the next.
    let rest = dy as tf.Tensor4D;
    return sendBack(g, (ky, kx) => {
      const hit = tf.equal(seenAt(phases, g, ky, kx), maximum);
      const share = tf.where(hit, rest, zeros);
      rest = tf.where(hit, zeros, rest);
      return share;
    });
  },
};

function largest(x: tf.Tensor4D, g: WindowGeometry, around: number): tf.Tensor4D {
  if (g.dilationHeight === 1 && g.dilationWidth === 1) {
    const y = tf.maxPool(asValid(x, g, around), [g.filterHeight, g.filterWidth], [g.strideHeight, g.strideWidth], 'valid');
    // TensorFlow's begins with the least finite number, and returns it for windows of -Infinity.
    return replaced(tf.lessEqual(y, -LARGEST), y, Number.NEGATIVE_INFINITY);
  }
  const phases = cutPhases(x, g, around);
  let y: tf.Tensor4D | undefined;
  forEachPlace(g, (ky, kx) => {
    const seen = seenAt(phases, g, ky, kx);
    y = y ? tf.maximum(y, seen) : seen;
  });
  return y!;
}
