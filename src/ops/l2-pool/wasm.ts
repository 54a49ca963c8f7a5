import type { WindowGeometry } from '../../geometry.js';
import type { Parts, WasmKernel } from '../../kernels.js';
import { transposed, windowAxes } from '../pool/axis.js';
import { elementsPerOutputRow, poolShape, rowsPerPiece, swapped } from '../pool/wasm.js';

/** L2 pooling. x, dx [batch, inHeight, inWidth, channels]; y, dy [batch, outHeight, outWidth, channels]. */
export const wasmCnn: Parts<WasmKernel<WindowGeometry>> = {
  forward({ x }, { y }, g, wasm) {
    const windows = windowAxes(g);
    wasm.parallel(
      'l2PoolForward',
      g.batch * g.outHeight,
      rowsPerPiece(elementsPerOutputRow(g, windows)),
      x,
      y,
      poolShape(wasm, g, windows),
    );
  },

  dx({ dy, x, y }, { dx }, g, wasm) {
    const outputRow = g.outWidth * g.inChannels;
    const outputs = g.batch * g.outHeight * outputRow;
    const ratio = wasm.scratch(outputs * 4);
    wasm.parallel('l2PoolRatio', outputs, outputRow * rowsPerPiece(2 * outputRow), dy, y, ratio);
    const windows = windowAxes(g);
    const back = [transposed(windows[0]), transposed(windows[1])] as const;
    const sizes = swapped(g);
    wasm.parallel(
      'l2PoolDx',
      sizes.batch * sizes.outHeight,
      rowsPerPiece(elementsPerOutputRow(sizes, back)),
      ratio,
      x,
      dx,
      poolShape(wasm, sizes, back),
    );
  },
};
