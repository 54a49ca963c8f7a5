import type { WasmRuntime } from '../../backends/wasm-runtime.js';
import { activationCode } from '../activation/functions.js';
import type { FusedActivation } from '../activation/fused.js';
import { multiplyRows, packPanels } from './rows.js';

/** C[m, n] = activation(op(A) op(B) + bias[n]) for each of a batch; pointers, row-major, without gaps. */
export interface Gemm {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  /** A lies as [k, m]. */
  readonly transposeA?: boolean;
  /** B lies as [n, k]. */
  readonly transposeB?: boolean;
  /** 0 for none. */
  readonly bias?: number;
  readonly activation?: FusedActivation;
  readonly batch?: number;
  /** Floats from one A, or B, to the next: one matrix (the default), or 0 where all of the batch share it. */
  readonly aStep?: number;
  readonly bStep?: number;
}

/** At most so many rows of A, and at least so many elements of B: B is not packed. */
const FEW_ROWS = 3;
const SMALL = 16384;

/** The product of matrices under dense, tf.matMul and its gradients. */
export function gemm(
  wasm: WasmRuntime,
  {
    m,
    n,
    k,
    a,
    b,
    c,
    transposeA = false,
    transposeB = false,
    bias = 0,
    activation = 'linear',
    batch = 1,
    aStep = m * k,
    bStep = k * n,
  }: Gemm,
): void {
  // A tile would be mostly empty; small products gain nothing by this.
  if (m <= FEW_ROWS && batch === 1 && k * n >= SMALL && (m === 1 || !transposeA)) {
    const task = wasm.struct(a, b, c, bias, m, n, k, activationCode[activation]);
    if (transposeB) wasm.parallel('fewRowsTransposed', n, Math.ceil(65536 / k / 4) * 4, task);
    else wasm.parallel('fewRows', n, 256, task);
    return;
  }
  const panels = packPanels(wasm, {
    pointer: b,
    outer: bStep === 0 ? 1 : batch,
    outerStep: bStep * 4,
    columns: n,
    segments: [[0, k]],
    depthStep: transposeB ? 4 : n * 4,
    columnStep: transposeB ? k * 4 : 4,
    bias,
  });
  const rows = transposeA ? transpose(wasm, a, k, m, aStep === 0 ? 1 : batch) : a;
  multiplyRows(wasm, {
    outer: batch,
    gridWidth: m,
    runs: [[0, k]],
    activation,
    a: { pointer: rows, outerStep: aStep * 4, columnStep: k * 4 },
    b: bStep === 0 ? { ...panels, outerStep: 0 } : panels,
    c: { pointer: c, outerStep: m * n * 4, columnStep: n * 4 },
  });
}

/** A copy of `outer` matrices [rows, columns] as [columns, rows]. */
function transpose(wasm: WasmRuntime, source: number, rows: number, columns: number, outer: number): number {
  const target = wasm.scratch(outer * rows * columns * 4);
  const task = wasm.struct(source, target, rows, columns);
  wasm.parallel('gemmTranspose', outer * Math.ceil(columns / 4), Math.max(1, Math.ceil(16384 / rows)), task);
  return target;
}
