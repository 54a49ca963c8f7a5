import * as tf from '@tensorflow/tfjs-core';
import type { Named } from '../kernels.js';
import { seededRandom } from '../random.js';
import type { AnyOp } from './reference-run.js';

/** One call of an op, for tests, for `tfjs-cnn check` and for measurements alike. */
export interface OpCase {
  /** The op and what is special, e.g. 'conv2d 5x5 stride 2'. */
  name: string;
  /** The op that is called. */
  op: AnyOp;
  /** Shapes of the tensors it is called with. */
  shapes: Named<number[]>;
  /** The arguments, given the tensors. */
  args(tensors: Named<tf.Tensor>): unknown[];
  /** Products in the longest sum, forward or backward: the error bounds follow from it. */
  terms: number;
  /** The same of tf's own ops, where their gradient is right. */
  builtin?(...args: unknown[]): tf.Tensor;
  /** Values of a tensor by its name, where uniform in [-1, 1) is not what the op takes. */
  values?: Named<(random: () => number, i: number) => number>;
}

/** The tensors of a case, the same for the same seed. */
export function caseTensors({ shapes, values = {} }: OpCase, seed = 1): Named<tf.Tensor> {
  const tensors: Named<tf.Tensor> = {};
  Object.entries(shapes).forEach(([name, shape], k) => {
    const random = seededRandom(seed * 31 + k);
    const value = values[name] ?? ((draw: () => number) => 2 * draw() - 1);
    const size = shape.reduce((a, b) => a * b, 1);
    tensors[name] = tf.tensor(
      Float32Array.from({ length: size }, (_, i) => value(random, i)),
      shape,
    );
  });
  return tensors;
}
