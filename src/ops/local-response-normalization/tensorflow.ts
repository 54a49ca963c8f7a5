import type { OpAttribute } from '../../backends/tensorflow/binding.js';
import { composed } from '../../backends/tensorflow/composition.js';
import type { TensorflowRunner } from '../../backends/tensorflow/runner.js';
import type { LocalResponseNormalizationGeometry } from './geometry.js';
import { portable } from './portable.js';

/** TensorFlow's windows reach as far below a channel as above. */
function attributes(run: TensorflowRunner, g: LocalResponseNormalizationGeometry): OpAttribute[] | undefined {
  if (g.below !== g.above) return undefined;
  return [run.int('depth_radius', g.below), run.float('bias', g.k), run.float('alpha', g.alpha), run.float('beta', g.beta)];
}

/** Local response normalization by TensorFlow's op and its gradient, which reads y: it is computed again. */
export const tensorflow = composed<LocalResponseNormalizationGeometry>(
  {
    forward({ x }, g, run) {
      const options = attributes(run, g);
      return options && [run.op('LRN', [x!], options)];
    },
    dx({ dy, x }, g, run) {
      const options = attributes(run, g);
      return options && [run.op('LRNGrad', [dy!, x!, run.op('LRN', [x!], options)], options)];
    },
  },
  portable,
);
