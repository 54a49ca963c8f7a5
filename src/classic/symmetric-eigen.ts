import { ArgumentError } from '../geometry.js';

/** Eigenvalues in descending order, and their eigenvectors as the rows of a matrix. */
export interface Eigen {
  readonly values: Float64Array;
  /** [n, n]: row i belongs to value i and has norm 1. */
  readonly vectors: Float64Array;
}

/**
 * All eigenvalues and eigenvectors of a symmetric matrix, in float64: reduction to tridiagonal form by reflections, then QL
 * iterations with implicit shifts. Takes about 6 n^3 multiplications, some seconds for n = 784.
 * Source: Martin, Reinsch and Wilkinson 1968, Dubrulle, Martin and Wilkinson 1968 (tred2, imtql2 in EISPACK); Golub and
 * Van Loan, Matrix Computations, 8.3.
 *
 * @param matrix [n, n]; only read
 * @throws ArgumentError where it holds anything but finite numbers
 */
export function symmetricEigen(matrix: Float64Array, n: number): Eigen {
  if (!matrix.every(Number.isFinite)) throw new ArgumentError('symmetricEigen: matrix must hold finite numbers only');
  const { diagonal, beside, basis } = tridiagonalize(matrix, n);
  iterate(diagonal, beside, basis);
  const order = Array.from(diagonal.keys()).sort((a, b) => diagonal[b]! - diagonal[a]!);
  const vectors = new Float64Array(n * n);
  order.forEach((place, i) => void vectors.set(basis[place]!, i * n));
  return { values: Float64Array.from(order, (place) => diagonal[place]!), vectors };
}

interface Tridiagonal {
  readonly diagonal: Float64Array;
  /** Left of the diagonal, from 1 on; the last place is 0. */
  readonly beside: Float64Array;
  /** Rows R with matrix = R^T T R. */
  readonly basis: Float64Array[];
}

/** Column by column a Householder reflection I - scale v v^T clears what is below the first place under the diagonal. */
function tridiagonalize(matrix: Float64Array, n: number): Tridiagonal {
  const rows = Array.from({ length: n }, (_, i) => matrix.slice(i * n, (i + 1) * n));
  const diagonal = new Float64Array(n);
  const beside = new Float64Array(n);
  const reflections: { v: Float64Array; scale: number }[] = [];
  for (let k = 0; k < n - 1; k++) {
    // A row of a symmetric matrix is its column.
    const v = rows[k]!.slice();
    v.fill(0, 0, k + 1);
    const length = Math.sqrt(dot(v, v, k + 1));
    const head = v[k + 1]!;
    const alpha = head > 0 ? -length : length;
    v[k + 1]! -= alpha;
    const squares = dot(v, v, k + 1);
    const scale = squares === 0 ? 0 : 2 / squares;
    diagonal[k] = rows[k]![k]!;
    beside[k] = alpha;
    reflections.push({ v, scale });
    if (scale !== 0) reflectBothSides(rows, v, scale, k + 1);
  }
  diagonal[n - 1] = rows[n - 1]![n - 1]!;
  return { diagonal, beside, basis: basisOf(reflections, n) };
}

/** A = H A H for the rows and columns from `first` on: with w = scale (A v - scale/2 (v A v) v), A -= v w^T + w v^T. */
function reflectBothSides(rows: Float64Array[], v: Float64Array, scale: number, first: number): void {
  const w = new Float64Array(v.length);
  for (let i = first; i < v.length; i++) w[i] = scale * dot(rows[i]!, v, first);
  const half = (scale / 2) * dot(w, v, first);
  for (let i = first; i < v.length; i++) w[i]! -= half * v[i]!;
  for (let i = first; i < v.length; i++) {
    const row = rows[i]!;
    const vi = v[i]!;
    const wi = w[i]!;
    for (let j = first; j < v.length; j++) row[j]! -= vi * w[j]! + wi * v[j]!;
  }
}

/** The product of all reflections, the last one first; the k-th touches rows and columns from k + 1 on. */
function basisOf(reflections: readonly { v: Float64Array; scale: number }[], n: number): Float64Array[] {
  const basis = Array.from({ length: n }, (_, i) => {
    const row = new Float64Array(n);
    row[i] = 1;
    return row;
  });
  for (let k = reflections.length - 1; k >= 0; k--) {
    const { v, scale } = reflections[k]!;
    for (let i = k + 1; i < n; i++) {
      const row = basis[i]!;
      const factor = scale * dot(row, v, k + 1);
      for (let j = k + 1; j < n; j++) row[j]! -= factor * v[j]!;
    }
  }
  return basis;
}

/** Makes `beside` zero by rotations of neighbouring rows of the basis; the diagonal is the eigenvalues then. */
function iterate(diagonal: Float64Array, beside: Float64Array, basis: Float64Array[]): void {
  const n = diagonal.length;
  for (let l = 0; l < n; l++) {
    for (let m = blockEnd(diagonal, beside, l); m !== l; m = blockEnd(diagonal, beside, l)) {
      sweep(diagonal, beside, basis, l, m);
    }
  }
}

/** The first place from l on whose neighbour on the right is negligible. */
function blockEnd(diagonal: Float64Array, beside: Float64Array, l: number): number {
  let m = l;
  for (; m < diagonal.length - 1; m++) {
    if (Math.abs(beside[m]!) <= Number.EPSILON * (Math.abs(diagonal[m]!) + Math.abs(diagonal[m + 1]!))) break;
  }
  return m;
}

/** One QL step on the places l .. m, shifted by the eigenvalue of the upper 2 x 2 block that is nearer to its corner. */
function sweep(diagonal: Float64Array, beside: Float64Array, basis: Float64Array[], l: number, m: number): void {
  const slope = (diagonal[l + 1]! - diagonal[l]!) / (2 * beside[l]!);
  const root = Math.sqrt(slope * slope + 1);
  let g = diagonal[m]! - diagonal[l]! + beside[l]! / (slope + (slope < 0 ? -root : root));
  let sine = 1;
  let cosine = 1;
  let shift = 0;
  for (let i = m - 1; i >= l; i--) {
    const f = sine * beside[i]!;
    const b = cosine * beside[i]!;
    const r = Math.sqrt(f * f + g * g);
    beside[i + 1] = r;
    if (r === 0) {
      // The block falls apart here already.
      diagonal[i + 1]! -= shift;
      beside[m] = 0;
      return;
    }
    sine = f / r;
    cosine = g / r;
    g = diagonal[i + 1]! - shift;
    const s = (diagonal[i]! - g) * sine + 2 * cosine * b;
    shift = sine * s;
    diagonal[i + 1] = g + shift;
    g = cosine * s - b;
    rotate(basis[i]!, basis[i + 1]!, cosine, sine);
  }
  diagonal[l]! -= shift;
  beside[l] = g;
  beside[m] = 0;
}

function rotate(upper: Float64Array, lower: Float64Array, cosine: number, sine: number): void {
  for (let k = 0; k < upper.length; k++) {
    const a = upper[k]!;
    const b = lower[k]!;
    lower[k] = sine * a + cosine * b;
    upper[k] = cosine * a - sine * b;
  }
}

/** Sum of products from `first` on; four sums side by side, as one would wait for each addition. */
function dot(a: Float64Array, b: Float64Array, first: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let i = first;
  for (; i + 3 < a.length; i += 4) {
    s0 += a[i]! * b[i]!;
    s1 += a[i + 1]! * b[i + 1]!;
    s2 += a[i + 2]! * b[i + 2]!;
    s3 += a[i + 3]! * b[i + 3]!;
  }
  for (; i < a.length; i++) s0 += a[i]! * b[i]!;
  return s0 + s1 + (s2 + s3);
}
