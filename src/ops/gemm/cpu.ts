import { packColumns, packRows } from './cpu-pack.js';
import { DEPTH, multiplyPanels, PANEL } from './cpu-panel.js';
import { workspace } from './cpu-workspace.js';

/** C[m, n] = op(A) op(B) + bias[n] for each of a batch; row-major, without gaps. */
export interface Gemm {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly c: Float32Array;
  /** A lies as [k, m]. */
  readonly transposeA?: boolean;
  /** B lies as [n, k]. */
  readonly transposeB?: boolean;
  readonly bias?: Float32Array;
  readonly batch?: number;
  /** Floats from one A, B to the next; default one matrix, 0 where all share one. */
  readonly aStep?: number;
  readonly bStep?: number;
}

/** Columns of B that are packed at a time. */
const COLUMNS = 128;

/** Panels of A that are packed at a time. */
const AT_ONCE = 2;

/** One operand: element (row, column) is source[start + row * rowStep + column * columnStep]. */
interface Matrix {
  readonly source: Float32Array;
  readonly start: number;
  readonly rowStep: number;
  readonly columnStep: number;
}

const transposed = ({ source, start, rowStep, columnStep }: Matrix): Matrix => ({
  source,
  start,
  rowStep: columnStep,
  columnStep: rowStep,
});

/** The product of matrices under dense, tf.matMul and its gradients; sums are float64. */
export function gemm({
  m,
  n,
  k,
  a,
  b,
  c,
  transposeA = false,
  transposeB = false,
  bias,
  batch = 1,
  aStep = m * k,
  bStep = k * n,
}: Gemm): void {
  for (let i = 0; i < batch; i++) {
    const left = { source: a, start: i * aStep, rowStep: transposeA ? 1 : k, columnStep: transposeA ? m : 1 };
    const right = { source: b, start: i * bStep, rowStep: transposeB ? 1 : n, columnStep: transposeB ? k : 1 };
    const out = { source: c, start: i * m * n, rowStep: n, columnStep: 1 };
    // The kernel runs along the columns, so the longer side is made the columns: C^T = B^T A^T.
    if (n >= m) multiply(left, right, out, m, n, k, bias, 0, 1);
    else multiply(transposed(right), transposed(left), transposed(out), n, m, k, bias, 1, 0);
  }
}

/** C = A B + bias, element (row, column) of C getting bias[row * biasRow + column * biasColumn]. */
function multiply(
  a: Matrix,
  b: Matrix,
  c: Matrix,
  rows: number,
  columns: number,
  depth: number,
  bias: Float32Array | undefined,
  biasRow: number,
  biasColumn: number,
): void {
  const width = Math.min(COLUMNS, columns);
  const panels = Math.ceil(rows / PANEL);
  const sums = workspace('sums', panels * PANEL * width);
  const packedB = workspace('columns', Math.ceil(Math.min(DEPTH, depth) / PANEL) * PANEL * width);
  const packedA = workspace('rows', AT_ONCE * Math.ceil(Math.min(DEPTH, depth) / PANEL) * PANEL * PANEL);
  for (let column = 0; column < columns; column += width) {
    const w = Math.min(width, columns - column);
    for (let row = 0; row < panels * PANEL; row++) {
      for (let j = 0; j < w; j++) {
        sums[((row >> 2) * w + j) * PANEL + (row & 3)] =
          bias && row < rows ? bias[row * biasRow + (column + j) * biasColumn]! : 0;
      }
    }
    for (let level = 0; level < depth; level += DEPTH) {
      const d = Math.min(DEPTH, depth - level);
      const blocks = packColumns(
        b.source,
        b.start + level * b.rowStep + column * b.columnStep,
        b.rowStep,
        b.columnStep,
        d,
        w,
        packedB,
      );
      for (let panel = 0; panel < panels; panel += AT_ONCE) {
        const count = Math.min(AT_ONCE, panels - panel);
        const aStep = blocks * PANEL * PANEL;
        for (let i = 0; i < count; i++) {
          const row = (panel + i) * PANEL;
          const start = a.start + row * a.rowStep + level * a.columnStep;
          packRows(a.source, start, a.rowStep, a.columnStep, Math.min(PANEL, rows - row), d, packedA, i * aStep);
        }
        const cStep = w * PANEL;
        multiplyPanels({ count, a: packedA, aStart: 0, aStep, c: sums, cStart: panel * cStep, cStep }, packedB, 0, blocks, w);
      }
    }
    for (let row = 0; row < rows; row++) {
      const to = c.start + row * c.rowStep + column * c.columnStep;
      const from = (row >> 2) * w * PANEL + (row & 3);
      for (let j = 0; j < w; j++) c.source[to + j * c.columnStep] = sums[from + j * PANEL]!;
    }
  }
}
