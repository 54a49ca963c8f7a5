import * as tf from '@tensorflow/tfjs-core';
import type { WindowGeometry } from '../../geometry.js';
import type { Parts, PortableKernel } from '../../kernels.js';

/** Zero padding: tfjs's pad, and back its slice. */
export const portable: Parts<PortableKernel<WindowGeometry>> = {
  forward: ({ x }, g) =>
    tf.pad(x, [
      [0, 0],
      [g.padTop, g.padBottom],
      [g.padLeft, g.padRight],
      [0, 0],
    ]),
  dx: ({ dy }, g) => tf.slice(dy, [0, g.padTop, g.padLeft, 0], [g.batch, g.inHeight, g.inWidth, g.inChannels]),
};
