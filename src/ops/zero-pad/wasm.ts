import type { WasmRuntime } from '../../backends/wasm-runtime.js';
import type { WindowGeometry } from '../../geometry.js';
import type { Parts, WasmKernel } from '../../kernels.js';
import { rowsPerPiece } from '../pool/wasm.js';

/** Zero padding. x, dx [batch, inHeight, inWidth, channels]; y, dy [batch, outHeight, outWidth, channels]. */
export const wasmCnn: Parts<WasmKernel<WindowGeometry>> = {
  forward({ x }, { y }, g, wasm) {
    wasm.parallel('zeroPadForward', g.batch * g.outHeight, rowsPerPiece(g.outWidth * g.inChannels), x, y, shape(wasm, g));
  },

  dx({ dy }, { dx }, g, wasm) {
    wasm.parallel('zeroPadDx', g.batch * g.inHeight, rowsPerPiece(g.inWidth * g.inChannels), dy, dx, shape(wasm, g));
  },
};

/** The kernels' ZeroPadShape; widths in bytes. */
function shape(wasm: WasmRuntime, g: WindowGeometry): number {
  const pixel = 4 * g.inChannels;
  return wasm.struct(g.inHeight, g.outHeight, g.padTop, g.inWidth * pixel, g.outWidth * pixel, g.padLeft * pixel);
}
