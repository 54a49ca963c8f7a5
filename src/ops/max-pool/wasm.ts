import type { Parts, WasmKernel } from '../../kernels.js';
import { type PoolAxes, type PoolAxis, type PoolSizes, windowAxes } from '../pool/axis.js';
import { elementsPerOutputRow, poolShape, rowsPerPiece } from '../pool/wasm.js';

/** A piece goes through the windows that reach into it, its neighbours through some of the same: it is so many windows high, */
const SPANS = 6;
/** but there are so many pieces for the threads. */
const PIECES = 8;

/** Rows from a window's first to its last. */
const span = ({ count, step }: PoolAxis): number => (Math.max(1, ...count) - 1) * step + 1;

/**
 * Max pooling over the windows that `axes` derives from the geometry.
 * x [batch, inHeight, inWidth, channels]; y, dy [batch, outHeight, outWidth, channels].
 */
export function maxOver<G extends PoolSizes>(axes: (g: G) => PoolAxes): Parts<WasmKernel<G>> {
  return {
    forward({ x }, { y }, g, wasm) {
      const windows = axes(g);
      wasm.parallel(
        'maxPoolForward',
        g.batch * g.outHeight,
        rowsPerPiece(elementsPerOutputRow(g, windows)),
        x,
        y,
        poolShape(wasm, g, windows),
      );
    },

    dx({ dy, x, y }, { dx }, g, wasm) {
      const windows = axes(g);
      const shape = poolShape(wasm, g, windows);
      const inputRow = g.inWidth * g.inChannels;
      if (tilesOfTwo(windows[0]) && tilesOfTwo(windows[1])) {
        wasm.parallel('maxPoolDxTiles', g.batch * g.outHeight, rowsPerPiece(2 * inputRow), dy, x, y, dx, shape);
      } else {
        const visits = (elementsPerOutputRow(g, windows) * g.outHeight) / g.inHeight;
        const rows = g.batch * g.inHeight;
        const grain = Math.max(rowsPerPiece(inputRow + visits), Math.min(SPANS * span(windows[0]), Math.ceil(rows / PIECES)));
        wasm.parallel('maxPoolDx', rows, grain, dy, x, y, dx, shape);
      }
    },
  };
}

/** Are the windows pairs of neighbours side by side from the first position on? LeNet's and VGG's pools. */
function tilesOfTwo({ first, count, step }: PoolAxis): boolean {
  return step === 1 && first.every((position, o) => position === 2 * o && count[o] === 2);
}

export const wasmCnn = maxOver(windowAxes);
