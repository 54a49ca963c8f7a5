import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { ReadyOp } from '../backends/kernel-host.js';
import type { FusedActivation } from '../ops/activation/fused.js';
import { applyFused } from '../ops/activation/fused.js';
import { gemm as cpuGemm } from '../ops/gemm/cpu.js';
import { gemm as wasmGemm } from '../ops/gemm/wasm.js';
import { fusedActivationOf } from './fused.js';
import { allFloat, type Call, type Plan, type StandardKernel } from './standard-kernel.js';

/** c = act(a b + bias), for a batch of matrices. */
export interface MatMulGeometry {
  m: number;
  n: number;
  k: number;
  transposeA: boolean;
  transposeB: boolean;
  batch: number;
  /** Floats from one matrix to the next; 0 where one serves the whole batch. */
  aStep: number;
  bStep: number;
  activation: FusedActivation;
  shape: number[];
}

const matMul: ReadyOp<MatMulGeometry> = {
  name: 'BatchMatMul',
  parts: { forward: { inputs: ['a', 'b', 'bias'], outputs: { c: ({ shape }) => shape } } },
  kernels: {
    reference: {},
    cpu: {
      forward({ a, b, bias }, { c }, g) {
        cpuGemm({ ...g, a: a!, b: b!, c: c!, bias });
        applyFused(c!, g.activation);
      },
    },
    wasmCnn: { forward: ({ a, b, bias }, { c }, g, wasm) => wasmGemm(wasm, { ...g, a: a!, b: b!, c: c!, bias: bias! }) },
    portable: {},
  },
};

/** [..., rows, columns] as one batch of matrices. */
function matrices({ shape }: TensorInfo, transposed: boolean): { batch: number; rows: number; columns: number } {
  const [rows, columns] = shape.slice(-2) as [number, number];
  const batch = util.sizeFromShape(shape.slice(0, -2));
  return transposed ? { batch, rows: columns, columns: rows } : { batch, rows, columns };
}

function plan(call: Call): Plan | undefined {
  const { inputs } = call;
  const { a, b, bias } = inputs as { a: TensorInfo; b: TensorInfo; bias?: TensorInfo };
  const { transposeA = false, transposeB = false } = call.attrs as { transposeA?: boolean; transposeB?: boolean };
  const activation = fusedActivationOf(call);
  if (!activation || !allFloat(inputs) || Math.min(a.shape.length, b.shape.length) < 2) return undefined;
  const left = matrices(a, transposeA);
  const right = matrices(b, transposeB);
  const [m, k, n] = [left.rows, left.columns, right.columns];
  const batch = Math.max(left.batch, right.batch);
  // Broadcasts of several batch axes, empty matrices and a bias that is no row are rare: tfjs's kernel does them.
  const aligned = [left.batch, right.batch].every((size) => size === batch || size === 1);
  const sameOuter = left.batch === 1 || right.batch === 1 || util.arraysEqual(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const rowBias = !bias || (bias.shape.at(-1) === n && util.sizeFromShape(bias.shape) === n);
  if (!aligned || !sameOuter || !rowBias || k !== right.rows || batch * m * n * k === 0) return undefined;
  const outer = left.batch >= right.batch ? a.shape.slice(0, -2) : b.shape.slice(0, -2);
  const geometry: MatMulGeometry = {
    m,
    n,
    k,
    transposeA,
    transposeB,
    batch,
    activation,
    aStep: left.batch === 1 ? 0 : m * k,
    bStep: right.batch === 1 ? 0 : k * n,
    shape: [...outer, m, n],
  };
  return { op: matMul as unknown as ReadyOp<object>, part: 'forward', inputs, geometry };
}

export const matMuls: readonly StandardKernel[] = [
  { kernelName: 'BatchMatMul', plan },
  { kernelName: '_FusedMatMul', plan },
];
