import { columnSums } from '../../backends/webgpu/column-sums.js';
import type { WebgpuRunner } from '../../backends/webgpu/runner.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import type { MatMulGeometry } from '../../standard/mat-mul.js';
import { webgpu as matMul } from '../gemm/webgpu.js';
import type { DenseGeometry } from './geometry.js';

/** One product of [m, k] and [k, n]. */
function product(m: number, n: number, k: number, more: Partial<MatMulGeometry> = {}): MatMulGeometry {
  const plain = { transposeA: false, transposeB: false, batch: 1, aStep: 0, bStep: 0, activation: 'linear' as const };
  return { ...plain, m, n, k, shape: [m, n], ...more };
}

const run = matMul['forward']!;

export const webgpu: Parts<RunnerKernel<DenseGeometry, WebgpuRunner>> = {
  forward: ({ x, filter, bias }, { rows, inputs, units, activation }, runner) =>
    run({ a: x!, b: filter!, bias: bias! }, product(rows, units, inputs, { activation }), runner),

  dx: ({ dy, filter }, { rows, inputs, units }, runner) =>
    run({ a: dy!, b: filter! }, product(rows, inputs, units, { transposeB: true }), runner),

  dfilter: ({ x, dy }, { rows, inputs, units }, runner) =>
    run({ a: x!, b: dy! }, product(inputs, units, rows, { transposeA: true }), runner),

  dbias: ({ dy }, { rows, units }, runner) => [columnSums(runner, dy!, rows, units)],
};
