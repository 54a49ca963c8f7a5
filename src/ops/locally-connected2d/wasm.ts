import type { WasmRuntime } from '../../backends/wasm-runtime.js';
import type { Parts, WasmKernel } from '../../kernels.js';
import { activationCode } from '../activation/functions.js';
import { columnSums } from '../gemm/column-sums.js';
import type { LocallyConnected2DGeometry } from './geometry.js';

/** Multiplications and additions worth a piece of their own. */
const PIECE = 1e6;

/** A LocalTask of wasm.asm.ts; which of the pointers are read and which written is the kernel's. */
function taskOf(wasm: WasmRuntime, g: LocallyConnected2DGeometry, x: number, filter: number, y: number, bias = 0): number {
  return wasm.struct(
    x,
    filter,
    y,
    bias,
    g.batch,
    g.inHeight,
    g.inWidth,
    g.inChannels,
    g.outHeight,
    g.outWidth,
    g.outChannels,
    g.filterHeight,
    g.filterWidth,
    g.strideHeight,
    g.strideWidth,
    g.padTop,
    g.padLeft,
    activationCode[g.activation],
  );
}

/** Places of y a piece. */
function placesPerPiece(g: LocallyConnected2DGeometry): number {
  return Math.max(1, Math.round(PIECE / (2 * g.batch * g.filterHeight * g.filterWidth * g.inChannels * g.outChannels)));
}

/**
 * Unshared convolution. x [batch, inHeight, inWidth, channels]; filter [outHeight, outWidth, taps, filters];
 * y [batch, outHeight, outWidth, filters].
 */
export const wasmCnn: Parts<WasmKernel<LocallyConnected2DGeometry>> = {
  forward({ x, filter, bias }, { y }, g, wasm) {
    const task = taskOf(wasm, g, x!, filter!, y!, bias);
    wasm.parallel('localForward', g.outHeight * g.outWidth, placesPerPiece(g), task);
  },

  dx({ dy, filter }, { dx }, g, wasm) {
    const task = taskOf(wasm, g, dx!, filter!, dy!);
    const places = (g.outHeight * g.outWidth) / g.inHeight;
    wasm.parallel('localDx', g.inHeight, Math.max(1, Math.round(placesPerPiece(g) / places)), task);
  },

  dfilter({ x, dy }, { dfilter }, g, wasm) {
    const task = taskOf(wasm, g, x!, dfilter!, dy!);
    wasm.parallel('localDfilter', g.outHeight * g.outWidth, placesPerPiece(g), task);
  },

  dbias({ dy }, { dbias }, g, wasm) {
    columnSums(wasm, dy!, g.batch, g.outHeight * g.outWidth * g.outChannels, dbias!);
  },
};
