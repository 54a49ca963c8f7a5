import type { BufferKernel, Parts } from '../../kernels.js';
import { applyFused } from '../activation/fused.js';
import { gemm } from '../gemm/cpu.js';
import { columnSums } from '../gemm/cpu-column-sums.js';
import type { DenseGeometry } from './geometry.js';

/** x [rows, inputs], filter [inputs, units]: every part is one matrix product. */
export const cpu: Parts<BufferKernel<Float32Array, DenseGeometry>> = {
  forward({ x, filter, bias }, { y }, { rows, inputs, units, activation }) {
    gemm({ m: rows, n: units, k: inputs, a: x!, b: filter!, c: y!, bias });
    applyFused(y!, activation);
  },

  dx({ dy, filter }, { dx }, { rows, inputs, units }) {
    gemm({ m: rows, n: inputs, k: units, a: dy!, b: filter!, c: dx!, transposeB: true });
  },

  dfilter({ x, dy }, { dfilter }, { rows, inputs, units }) {
    gemm({ m: inputs, n: units, k: rows, a: x!, b: dy!, c: dfilter!, transposeA: true });
  },

  dbias({ dy }, { dbias }, { rows, units }) {
    columnSums(dy!, rows, units, dbias!);
  },
};
