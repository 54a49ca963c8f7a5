import type { WebglRunner } from '../backends/webgl/runner.js';
import type { Parts, RunnerKernel } from '../kernels.js';
import { gemm } from '../ops/gemm/webgl.js';
import type { MatMulGeometry } from './mat-mul.js';

/** c = act(a b + bias), for a batch of matrices. */
export const webgl: Parts<RunnerKernel<MatMulGeometry, WebglRunner>> = {
  forward({ a, b, bias }, g, runner) {
    const { aStep, bStep, shape, ...sizes } = g;
    const product = { ...sizes, name: 'BatchMatMul', geometry: g, a: a!, b: b!, bias, oneA: aStep === 0, oneB: bStep === 0 };
    return [{ ...gemm(runner, product), shape }];
  },
};
