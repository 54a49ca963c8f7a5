/**
 * How far Winograd's F(4x4, 3x3) may be from the exact convolution.
 *
 * Each output is sum over p, q of AT[i,p] AT[j,q] M[p,q], and M[p,q] a sum over the channels of U[p,q] V[p,q]
 * with |U[p,q]| <= max|filter| ||G[p]|| ||G[q]|| and |V[p,q]| <= max|x| ||B[p]|| ||B[q]|| (1-norms of rows).
 * Every term passes through at most n roundings of relative size u = 2^-24, so
 *
 *   |error| <= gamma_n * terms * growth * max|x| * max|filter|,     gamma_n = n u / (1 - n u),
 *   growth = (max over i of sum over p of |AT[i,p]| ||G[p]|| ||B[p]||)^2,
 *
 * 582 for the points 0, +-11/16, +-3/2, infinity (2304 for Lavin & Gray's 0, +-1, +-2, infinity; 9 for a
 * direct sum). Source: Higham, "Accuracy and Stability of Numerical Algorithms", 3.1; for Winograd, Barabasz
 * et al., arXiv 1803.10986.
 *
 * That is the worst case. Taken as independent errors of standard deviation u / sqrt 3 at most, and on data
 * without a mean, the roundings give the root mean square
 *
 *   u / sqrt 3 * sqrt(terms * (k + terms / 2)) * spread * rms(x) * rms(filter)
 *
 * with 2-norms in place of 1-norms: spread is 22.4 (94 with the points of the paper). The k roundings of a
 * term are those of the transforms, terms / 2 the mean number of additions that follow it in its sum.
 * Measured: about twice the error of a direct float32 sum, at 16 as at 256 channels (four times, with the
 * points of the paper).
 */
import type { Conv2DGeometry } from './geometry.js';

const U = 2 ** -24;
const [A, B] = [11 / 16, 3 / 2];
const [A2, B2] = [A * A, B * B];
const [NA, NB] = [2 * A2 * (A2 - B2), 2 * B2 * (B2 - A2)];

/** The rows of AT, G and BT of asm/winograd-tile.ts. */
const AT = [
  [1, 1, 1, 1, 1, 0],
  [0, A, -A, B, -B, 0],
  [0, A2, A2, B2, B2, 0],
  [0, A2 * A, -A2 * A, B2 * B, -B2 * B, 1],
];
const G = [
  [1 / (A2 * B2), 0, 0],
  [1 / NA, A / NA, A2 / NA],
  [1 / NA, -A / NA, A2 / NA],
  [1 / NB, B / NB, B2 / NB],
  [1 / NB, -B / NB, B2 / NB],
  [0, 0, 1],
];
const BT = [
  [A2 * B2, 0, -(A2 + B2), 0, 1, 0],
  [0, -A * B2, -B2, A, 1, 0],
  [0, A * B2, -B2, -A, 1, 0],
  [0, -A2 * B, -A2, B, 1, 0],
  [0, A2 * B, -A2, -B, 1, 0],
  [0, A2 * B2, 0, -(A2 + B2), 0, 1],
];

/** Roundings of a term in both passes of a transform, with G those of its constants, and where the bias is added. */
const ROUNDINGS = { input: 8, output: 8, filter: 12, bias: 1 };

type Matrix = readonly (readonly number[])[];
const transpose = (m: Matrix): Matrix => m[0]!.map((_, column) => m.map((row) => row[column]!));
const norm1 = (row: readonly number[]): number => row.reduce((sum, v) => sum + Math.abs(v), 0);
const norm2 = (row: readonly number[]): number => Math.hypot(...row);

/** max over i of sum over p of |last[i,p]| ||left[p]|| ||right[p]||, squared for the two axes. */
function growth(last: Matrix, left: Matrix, right: Matrix): number {
  return (
    Math.max(...last.map((row) => row.reduce((sum, v, p) => sum + Math.abs(v) * norm1(left[p]!) * norm1(right[p]!), 0))) ** 2
  );
}

/** The same with squares: a factor of standard deviations. */
function spread(last: Matrix, left: Matrix, right: Matrix): number {
  return Math.max(...last.map((row) => row.reduce((sum, v, p) => sum + (v * norm2(left[p]!) * norm2(right[p]!)) ** 2, 0)));
}

/** What is added to 1 and divided by in a bound on n roundings. */
const gamma = (n: number): number => (n * U) / (1 - n * U);

/** Bounds on the error of one output, before the activation, which for all that is fused never enlarges it. */
export interface WinogradError {
  /** |error| <= bound * max|x| max|filter| (dx: dy and filter; dfilter: x and dy), + 2^-24 |result| with a bias. */
  readonly bound: number;
  /** Root mean square of the error on data without a mean <= typical * rms(x) rms(filter). */
  readonly typical: number;
}

/** A priori, from the number of channels (dfilter: of tiles) alone. */
export function winogradErrorBound(g: Conv2DGeometry, part: 'forward' | 'dx' | 'dfilter'): WinogradError {
  const { input, output, filter, bias } = ROUNDINGS;
  const k = input + output + filter + bias;
  const terms = {
    forward: g.inChannels,
    dx: g.outChannels,
    dfilter: g.batch * Math.ceil(g.outHeight / 4) * Math.ceil(g.outWidth / 4),
  }[part];
  const [last, left] = part === 'dfilter' ? [transpose(G), transpose(AT)] : [AT, G];
  return {
    bound: gamma(k + terms + 1) * terms * growth(last, left, BT),
    typical: (U / Math.sqrt(3)) * Math.sqrt(terms * (k + terms / 2)) * spread(last, left, BT),
  };
}
