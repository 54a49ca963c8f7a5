import * as tf from '@tensorflow/tfjs-core';
import type { WindowGeometry } from '../../geometry.js';
import type { Parts, PortableKernel } from '../../kernels.js';
import { windowSums } from '../avg-pool/portable.js';
import { replaced } from '../pool/order.js';
import { sendBack } from '../pool/phases.js';

/** L2 pooling by slices of squares, and back of dy / y. */
export const portable: Parts<PortableKernel<WindowGeometry>> = {
  forward: ({ x }, g) => tf.sqrt(windowSums(tf.square(x as tf.Tensor4D), g)),

  dx: ({ dy, x, y }, g) => {
    const ratio = replaced(tf.equal(y, 0), tf.div(dy, y), 0);
    return tf.mul(
      x,
      sendBack(g, () => ratio),
    );
  },
};
