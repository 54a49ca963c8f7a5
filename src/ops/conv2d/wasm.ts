import type { Parts, WasmKernel } from '../../kernels.js';
import { columnSums } from '../gemm/column-sums.js';
import { gemmDfilter } from './gemm-dfilter.js';
import { gemmDx } from './gemm-dx.js';
import { gemmForward } from './gemm-forward.js';
import type { Conv2DGeometry } from './geometry.js';

/** Convolution as matrix products without unfolding x. */
export const wasmCnn: Parts<WasmKernel<Conv2DGeometry>> = {
  forward({ x, filter, bias }, { y }, g, wasm) {
    gemmForward(wasm, x!, filter!, bias!, y!, g, g.activation);
  },

  dx({ dy, filter }, { dx }, g, wasm) {
    gemmDx(wasm, dy!, filter!, dx!, g);
  },

  dfilter({ x, dy }, { dfilter }, g, wasm) {
    gemmDfilter(wasm, x!, dy!, dfilter!, g);
  },

  dbias({ dy }, { dbias }, g, wasm) {
    columnSums(wasm, dy!, g.batch * g.outHeight * g.outWidth, g.outChannels, dbias!);
  },
};
