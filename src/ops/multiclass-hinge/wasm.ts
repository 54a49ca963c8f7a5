import type { Parts, WasmKernel } from '../../kernels.js';
import { rowWeight } from '../loss/geometry.js';
import { rowsPerPiece, sumRowLosses } from '../loss/wasm.js';
import type { MulticlassHingeGeometry } from './multiclass-hinge.js';

export const wasmCnn: Parts<WasmKernel<MulticlassHingeGeometry>> = {
  forward({ logits, labels }, { loss }, g, wasm) {
    const { batch, classes, indexed, margin } = g;
    sumRowLosses(wasm, loss, g, (rowLosses) => {
      wasm.parallel(
        'multiclassHingeForward',
        batch,
        rowsPerPiece(classes),
        logits,
        labels,
        rowLosses,
        classes,
        Number(indexed),
        margin,
      );
    });
  },

  dlogits({ dy, logits, labels }, { dlogits }, g, wasm) {
    const { batch, classes, indexed, margin, reduction } = g;
    wasm.parallel(
      'multiclassHingeGradient',
      batch,
      rowsPerPiece(classes),
      dy,
      reduction === 'none' ? 4 : 0,
      logits,
      labels,
      dlogits,
      classes,
      Number(indexed),
      margin,
      rowWeight(g),
    );
  },
};
