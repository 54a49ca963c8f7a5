import type { BufferKernel, Parts } from '../../kernels.js';
import { reduceRows, rowGradient } from '../loss/geometry.js';
import type { SoftmaxCrossEntropyGeometry } from './softmax-cross-entropy.js';

type Buffer = Float32Array | Float64Array;

/** The smoothed label of class c in a row; NaN throughout a row whose class index does not exist. */
function label(labels: Buffer, g: SoftmaxCrossEntropyGeometry, row: number, c: number): number {
  const { classes, indexed, labelSmoothing: s } = g;
  if (!indexed) return (1 - s) * labels[row * classes + c] + s / classes;
  if (!(labels[row] >= 0 && labels[row] < classes)) return NaN;
  return (1 - s) * (labels[row] === c ? 1 : 0) + s / classes;
}

/** Softmax cross entropy with sums in float64, as the formula writes it. logits, probabilities [batch, classes]. */
export const reference: Parts<BufferKernel<Buffer, SoftmaxCrossEntropyGeometry>> = {
  forward({ logits, labels, weights }, { loss, probabilities }, g) {
    const { classes } = g;
    reduceRows(loss, g, (row) => {
      const z = logits.subarray(row * classes, (row + 1) * classes);
      let max = z[0];
      for (let c = 1; c < classes; c++) max = Math.max(max, z[c]);
      let sum = 0;
      for (let c = 0; c < classes; c++) sum += Math.exp(z[c] - max);
      let rowLoss = 0;
      for (let c = 0; c < classes; c++) {
        probabilities[row * classes + c] = Math.exp(z[c] - max) / sum;
        const q = label(labels, g, row, c);
        // A class of probability 0 that nobody wants costs nothing.
        if (q !== 0) rowLoss += q * (Math.log(sum) - (z[c] - max));
      }
      return sum > 0 ? rowLoss * (weights?.[row] ?? 1) : NaN;
    });
  },

  dlogits({ dy, labels, weights, probabilities }, { dlogits }, g) {
    const { batch, classes } = g;
    for (let row = 0; row < batch; row++) {
      const gradient = rowGradient(dy, g, row) * (weights?.[row] ?? 1);
      let wanted = 0;
      for (let c = 0; c < classes; c++) wanted += label(labels, g, row, c);
      for (let c = 0; c < classes; c++) {
        const i = row * classes + c;
        dlogits[i] = gradient * (probabilities[i] * wanted - label(labels, g, row, c));
      }
    }
  },
};
