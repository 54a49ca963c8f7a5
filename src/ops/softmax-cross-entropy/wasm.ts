import type { Parts, WasmKernel } from '../../kernels.js';
import { rowWeight } from '../loss/geometry.js';
import { rowsPerPiece, sumRowLosses } from '../loss/wasm.js';
import type { SoftmaxCrossEntropyGeometry } from './softmax-cross-entropy.js';

export const wasmCnn: Parts<WasmKernel<SoftmaxCrossEntropyGeometry>> = {
  forward({ logits, labels, weights }, { loss, probabilities }, g, wasm) {
    const { batch, classes, indexed, labelSmoothing } = g;
    sumRowLosses(wasm, loss, g, (rowLosses) => {
      wasm.parallel(
        'softmaxCrossEntropyForward',
        batch,
        rowsPerPiece(classes),
        logits,
        labels,
        weights,
        rowLosses,
        probabilities,
        classes,
        Number(indexed),
        labelSmoothing,
      );
    });
  },

  dlogits({ dy, labels, weights, probabilities }, { dlogits }, g, wasm) {
    const { batch, classes, indexed, labelSmoothing, reduction } = g;
    wasm.parallel(
      'softmaxCrossEntropyGradient',
      batch,
      rowsPerPiece(classes),
      dy,
      reduction === 'none' ? 4 : 0,
      labels,
      weights,
      probabilities,
      dlogits,
      classes,
      Number(indexed),
      labelSmoothing,
      rowWeight(g),
    );
  },
};
