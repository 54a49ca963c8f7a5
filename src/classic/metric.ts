import {
  abs,
  expandDims,
  fused,
  mul,
  sub,
  sum,
  type Tensor1D,
  type Tensor2D,
  tensor1d,
  tensor2d,
  tidy,
} from '@tensorflow/tfjs-core';
import { type Rows, sliceRows } from './examples.js';

/**
 * A way to measure how far examples are from each other. Blocks of pairs are ranked fast, in float32 by a few tfjs ops;
 * what comes out near the front is measured again, exactly.
 */
export interface Metric {
  /** Queries ranked at a time. */
  readonly queries: number;
  /** Makes what ranks blocks of queries [queries, features] among rows: [queries, rows], smaller is nearer. */
  ranker(rows: Rows, begin: number, end: number): { rank(queries: Tensor2D): Tensor2D; dispose(): void };
  /** How much larger than the limit's the rank of an example may be that is in truth no farther. */
  slack(limit: number, features: number, queryNorm: number, rowNorm: number): number;
  /** The distance of two examples, summed in float64. */
  distance(a: Float32Array, b: Float32Array): number;
}

/** Rounding of one float32 operation. */
const ROUNDING = 2 ** -24;

/** sqrt(sum (a - b)^2), ranked by |b|^2 - 2 a b: one matrix product, as |a|^2 is the same for all rows b. */
const l2: Metric = {
  queries: 512,

  ranker(rows, begin, end) {
    const block = tensor2d(sliceRows(rows, begin, end), [end - begin, rows.features]);
    const squares = tensor1d(Float32Array.from({ length: end - begin }, (_, i) => norm(rows, begin + i) ** 2));
    return {
      rank: (queries) =>
        tidy(() => fused.matMul({ a: mul(queries, -2) as Tensor2D, b: block, transposeB: true, bias: squares }) as Tensor2D),
      dispose: () => {
        block.dispose();
        squares.dispose();
      },
    };
  },

  // Sums of `features` products, whose magnitudes add up to 2 |a| |b| at most, and |b|^2 rounded and added; on both sides.
  slack: (_, features, queryNorm, rowNorm) =>
    2 * ROUNDING * ((features + 2) * 2 * queryNorm * rowNorm + 2 * rowNorm * (rowNorm + 2 * queryNorm)),

  distance(a, b) {
    let squares = 0;
    for (let i = 0; i < a.length; i++) squares += (a[i]! - b[i]!) ** 2;
    return Math.sqrt(squares);
  },
};

/** sum |a - b| */
const l1: Metric = {
  queries: 1,

  ranker(rows, begin, end) {
    const block = tensor2d(sliceRows(rows, begin, end), [end - begin, rows.features]);
    return {
      rank: (query) => tidy(() => expandDims(sum(abs(sub(block, query)), 1) as Tensor1D, 0) as Tensor2D),
      dispose: () => block.dispose(),
    };
  },

  // Each sum is off by its own size times this at most.
  slack: (limit, features) => 3 * (features + 2) * ROUNDING * limit,

  distance(a, b) {
    let total = 0;
    for (let i = 0; i < a.length; i++) total += Math.abs(a[i]! - b[i]!);
    return total;
  },
};

export const METRICS = { l1, l2 };

/** Euclidean norm of one example. */
export function norm(rows: Rows, place: number): number {
  const row = sliceRows(rows, place, place + 1);
  let squares = 0;
  for (const value of row) squares += value * value;
  return Math.sqrt(squares);
}
