import { composed } from '../../backends/tensorflow/composition.js';
import type { WindowGeometry } from '../../geometry.js';
import { framed, unframed } from '../conv2d/tensorflow-window.js';

/** Zero padding: a window of one pixel sees all of the padded picture. */
export const tensorflow = composed<WindowGeometry>({
  forward: ({ x }, g, run) => [framed(run, x!, g)],
  dx: ({ dy }, g, run) => [unframed(run, dy!, g)],
});
