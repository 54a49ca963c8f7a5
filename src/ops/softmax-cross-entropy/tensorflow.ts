import { composed } from '../../backends/tensorflow/composition.js';
import type { TensorflowRunner, Value } from '../../backends/tensorflow/runner.js';
import { rowWeight } from '../loss/geometry.js';
import type { SoftmaxCrossEntropyGeometry } from './softmax-cross-entropy.js';

/** The smoothed labels [batch, classes]; rows whose class index does not exist are NaN: their sum is 0. */
function targets(run: TensorflowRunner, labels: Value, g: SoftmaxCrossEntropyGeometry): Value {
  const { classes, indexed, labelSmoothing: s } = g;
  let q = labels;
  if (indexed) {
    const indices = run.op('Cast', [labels], [run.type('SrcT', 'float32'), run.type('DstT', 'int32')]);
    const hot = run.op('OneHot', [indices, run.table([], [classes]), run.number(1), run.number(0)]);
    q = run.op('RealDiv', [hot, run.op('Sum', [hot, run.ints([1])], [run.flag('keep_dims', true)])]);
  }
  if (s === 0) return q;
  return run.op('AddV2', [run.op('Mul', [q, run.number(1 - s)]), run.number(s / classes)]);
}

/**
 * Softmax cross entropy. TensorFlow's own op takes a class of probability 0 that nobody wants for NaN; a product that knows no NaN
 * beside 0 does not.
 */
export const tensorflow = composed<SoftmaxCrossEntropyGeometry>({
  forward({ logits, labels, weights }, g, run) {
    const logarithms = run.op('LogSoftmax', [logits!]);
    let terms = run.op('MulNoNan', [logarithms, targets(run, labels!, g)]);
    if (weights) terms = run.op('Mul', [terms, run.reshape(weights, [g.batch, 1])]);
    const sum = run.op('Sum', [terms, run.ints(g.reduction === 'none' ? [1] : [0, 1])]);
    return [run.op('Mul', [sum, run.number(-rowWeight(g))]), run.op('Softmax', [logits!])];
  },

  dlogits({ dy, labels, weights, probabilities }, g, run) {
    const q = targets(run, labels!, g);
    // Class indices want one in all.
    const wanted = g.indexed
      ? probabilities!
      : run.op('Mul', [probabilities!, run.op('Sum', [q, run.ints([1])], [run.flag('keep_dims', true)])]);
    const scaled = run.op('Mul', [dy!, run.number(rowWeight(g))]);
    const rows = weights ? run.op('Mul', [scaled, weights]) : scaled;
    const column = rows.shape.length === 0 ? rows : run.reshape(rows, [g.batch, 1]);
    return [run.op('Mul', [run.op('Sub', [wanted, q]), column])];
  },
});
