import type { Parts, WasmKernel } from '../../kernels.js';
import { columnSums } from '../gemm/column-sums.js';
import { gemmDfilter } from './gemm-dfilter.js';
import { gemmDx } from './gemm-dx.js';
import { gemmForward } from './gemm-forward.js';
import type { Conv2DGeometry } from './geometry.js';
import { scatterDx, scatterSuits } from './scatter-dx.js';
import { stemForward, stemSuits } from './stem.js';
import { winogradAllowed, winogradDfilter, winogradDx, winogradForward, winogradSuits } from './winograd.js';

/** Convolution as matrix products, x never unfolded as a whole: every geometry. */
export const gemmConv2d = {
  forward({ x, filter, bias }, { y }, g, wasm) {
    if (stemSuits(g)) stemForward(wasm, x!, filter!, bias!, y!, g);
    else gemmForward(wasm, x!, filter!, bias!, y!, g, g.activation);
  },

  dx({ dy, filter }, { dx }, g, wasm) {
    if (scatterSuits(g)) scatterDx(wasm, dy!, filter!, dx!, g);
    else gemmDx(wasm, dy!, filter!, dx!, g);
  },

  dfilter({ x, dy }, { dfilter }, g, wasm) {
    gemmDfilter(wasm, x!, dy!, dfilter!, g);
  },

  dbias({ dy }, { dbias }, g, wasm) {
    columnSums(wasm, dy!, g.batch * g.outHeight * g.outWidth, g.outChannels, dbias!);
  },
} satisfies Parts<WasmKernel<Conv2DGeometry>>;

/** The first kernel where Winograd suits and is allowed, else the second. */
function either(winograd: WasmKernel<Conv2DGeometry>, gemm: WasmKernel<Conv2DGeometry>): WasmKernel<Conv2DGeometry> {
  return (inputs, outputs, g, wasm) => (winogradSuits(g) && winogradAllowed() ? winograd : gemm)(inputs, outputs, g, wasm);
}

/** Convolution and its gradients, each by the faster algorithm. */
export const wasmCnn: Parts<WasmKernel<Conv2DGeometry>> = {
  forward: either(winogradForward, gemmConv2d.forward),
  dx: either(winogradDx, gemmConv2d.dx),
  dfilter: either(winogradDfilter, gemmConv2d.dfilter),
  dbias: gemmConv2d.dbias,
};
