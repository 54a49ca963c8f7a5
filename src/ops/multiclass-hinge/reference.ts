import type { BufferKernel, Parts } from '../../kernels.js';
import { reduceRows, rowGradient } from '../loss/geometry.js';
import type { MulticlassHingeGeometry } from './multiclass-hinge.js';

type Buffer = Float32Array | Float64Array;

/** The class of a row, undefined where its index does not exist. */
function classOf(labels: Buffer, { classes, indexed }: MulticlassHingeGeometry, row: number): number | undefined {
  if (indexed) return labels[row] >= 0 && labels[row] < classes ? Math.trunc(labels[row]) : undefined;
  let best = 0;
  for (let c = 1; c < classes; c++) if (labels[row * classes + c] > labels[row * classes + best]) best = c;
  return best;
}

/** Multiclass hinge loss with sums in float64, as the formula writes it. logits [batch, classes]. */
export const reference: Parts<BufferKernel<Buffer, MulticlassHingeGeometry>> = {
  forward({ logits, labels }, { loss }, g) {
    const { classes, margin } = g;
    reduceRows(loss, g, (row) => {
      const k = classOf(labels, g, row);
      if (k === undefined) return NaN;
      let sum = 0;
      for (let j = 0; j < classes; j++) {
        if (j !== k) sum += Math.max(0, margin + (logits[row * classes + j] - logits[row * classes + k]));
      }
      return sum;
    });
  },

  dlogits({ dy, logits, labels }, { dlogits }, g) {
    const { batch, classes, margin } = g;
    for (let row = 0; row < batch; row++) {
      const k = classOf(labels, g, row);
      const gradient = rowGradient(dy, g, row);
      let violations = 0;
      for (let j = 0; j < classes; j++) {
        const violated = k !== undefined && j !== k && margin + (logits[row * classes + j] - logits[row * classes + k]) > 0;
        if (violated) violations++;
        dlogits[row * classes + j] = k === undefined ? NaN : violated ? gradient : 0;
      }
      if (k !== undefined) dlogits[row * classes + k] = -gradient * violations;
    }
  },
};
