import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { WebglRunner } from '../../backends/webgl/runner.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import { gemm, type WebglGemm } from '../gemm/webgl.js';
import { columnSums } from '../gemm/webgl-column-sums.js';
import type { DenseGeometry } from './geometry.js';

/** One product of matrices, as a tensor of rank 2. */
function product(runner: WebglRunner, options: WebglGemm): TensorInfo[] {
  return [{ ...gemm(runner, options), shape: [options.m, options.n] }];
}

/** x [rows, inputs], filter [inputs, units]. */
export const webgl: Parts<RunnerKernel<DenseGeometry, WebglRunner>> = {
  forward({ x, filter, bias }, g, runner) {
    const { rows, inputs, units, activation } = g;
    return product(runner, {
      ...{ name: 'CnnDense forward', geometry: g, a: x!, b: filter!, bias, activation },
      ...{ m: rows, n: units, k: inputs },
    });
  },

  dx({ dy, filter }, g, runner) {
    const { rows, inputs, units } = g;
    const sizes = { m: rows, n: inputs, k: units, transposeB: true };
    return product(runner, { name: 'CnnDense dx', geometry: g, a: dy!, b: filter!, ...sizes });
  },

  dfilter({ x, dy }, g, runner) {
    const { rows, inputs, units } = g;
    const sizes = { m: inputs, n: units, k: rows, transposeA: true };
    return product(runner, { name: 'CnnDense dfilter', geometry: g, a: x!, b: dy!, ...sizes });
  },

  dbias: ({ dy }, g, runner) => [columnSums(runner, 'CnnDense dbias', g, dy!)],
};
