import type { Parts, WasmKernel } from '../../kernels.js';
import { columnSums } from '../gemm/column-sums.js';
import { gemm } from '../gemm/wasm.js';
import type { DenseGeometry } from './geometry.js';

/** x [rows, inputs], filter [inputs, units]: every part is one matrix product. */
export const wasmCnn: Parts<WasmKernel<DenseGeometry>> = {
  forward({ x, filter, bias }, { y }, { rows, inputs, units, activation }, wasm) {
    gemm(wasm, { m: rows, n: units, k: inputs, a: x!, b: filter!, c: y!, bias: bias!, activation });
  },

  dx({ dy, filter }, { dx }, { rows, inputs, units }, wasm) {
    gemm(wasm, { m: rows, n: inputs, k: units, a: dy!, b: filter!, c: dx!, transposeB: true });
  },

  dfilter({ x, dy }, { dfilter }, { rows, inputs, units }, wasm) {
    gemm(wasm, { m: inputs, n: units, k: rows, a: x!, b: dy!, c: dfilter!, transposeA: true });
  },

  dbias({ dy }, { dbias }, { rows, units }, wasm) {
    columnSums(wasm, dy!, rows, units, dbias!);
  },
};
