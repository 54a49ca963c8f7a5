import { composed } from '../../backends/tensorflow/composition.js';
import type { TensorflowRunner, Value } from '../../backends/tensorflow/runner.js';
import type { WindowGeometry } from '../../geometry.js';
import { alignment, framed, unframed } from '../conv2d/tensorflow-window.js';
import { poolAttributes } from '../pool/tensorflow.js';
import { portable } from './portable.js';

/**
 * TensorFlow's maximum passes over NaN, and is the least finite number where all are -Infinity; ours is neither. A sum tells whether
 * any of them is there, at the price of one look at the picture.
 */
function isPlain(run: TensorflowRunner, x: Value, g: WindowGeometry): boolean {
  return g.dilationHeight === 1 && g.dilationWidth === 1 && Number.isFinite(run.read(run.op('Sum', [x, run.ints([0, 1, 2, 3])])));
}

/** x, with its pads where TensorFlow has no word for them. */
function seen(run: TensorflowRunner, x: Value, g: WindowGeometry): Value {
  return alignment(g) ? x : framed(run, x, g, Number.NEGATIVE_INFINITY);
}

/** Max pooling by TensorFlow's kernels; of equals their gradient goes to the first, as ours does. */
export const tensorflow = composed<WindowGeometry>(
  {
    forward({ x }, g, run) {
      return isPlain(run, x!, g) ? [run.op('MaxPool', [seen(run, x!, g)], poolAttributes(run, g))] : undefined;
    },
    dx({ dy, x, y }, g, run) {
      // What is not plain in x is in y as well, which is smaller.
      if (!isPlain(run, y!, g)) return undefined;
      const dx = run.op('MaxPoolGrad', [seen(run, x!, g), y!, dy!], poolAttributes(run, g));
      return [alignment(g) ? dx : unframed(run, dx, g)];
    },
  },
  portable,
);
