/**
 * The inner loop of all matrix products on the backend `cpu`, and the packing it needs.
 *
 * V8 compiles scalar code only and schedules an expression's products before its sums, so a register tile of
 * sums spills. What it compiles well keeps 4 rows by 4 of depth of one operand in variables and runs along
 * the columns of the other. Operands are packed as float64: that saves a conversion at every load, and the
 * sums are float64 too. Measured on Node 20 to 26: 8 to 10 GFLOP/s, a register tile 6, float32 arithmetic 2.4.
 */

/** Rows and depth of the block that stays in variables. */
export const PANEL = 4;

/** Depth that one call should take at most: with 64 to 128 columns the other operand stays in the second-level cache. */
export const DEPTH = 256;

/** Where panels of 4 rows are, one after another. */
export interface Panels {
  readonly count: number;
  /** [panel][depth / 4][row][depth % 4], and the numbers from one panel to the next. */
  readonly a: Float64Array;
  readonly aStart: number;
  readonly aStep: number;
  /** [panel][column][row], and the numbers from one panel to the next. */
  readonly c: Float64Array;
  readonly cStart: number;
  readonly cStep: number;
}

/** C += A B for all panels: b holds 4 * `blocks` of depth as [depth / 4][columns][depth % 4] from `bStart`. */
export function multiplyPanels(
  { count, a, aStart, aStep, c, cStart, cStep }: Panels,
  b: Float64Array,
  bStart: number,
  blocks: number,
  columns: number,
): void {
  let panel = 0;
  for (; panel + 2 <= count; panel += 2) {
    multiplyTwo(a, aStart + panel * aStep, aStep, b, bStart, c, cStart + panel * cStep, cStep, blocks, columns);
  }
  if (panel < count) multiplyOne(a, aStart + panel * aStep, b, bStart, c, cStart + panel * cStep, blocks, columns);
}

function multiplyOne(
  a: Float64Array,
  aStart: number,
  b: Float64Array,
  bStart: number,
  c: Float64Array,
  cStart: number,
  blocks: number,
  columns: number,
): void {
  const cEnd = (cStart + columns * 4) | 0;
  let ia = aStart | 0;
  let ib = bStart | 0;
  // biome-ignore format: one line for each row of the block
  for (let block = 0; block < blocks; block++) {
    const a00 = a[ia]!, a01 = a[(ia + 1) | 0]!, a02 = a[(ia + 2) | 0]!, a03 = a[(ia + 3) | 0]!;
    const a10 = a[(ia + 4) | 0]!, a11 = a[(ia + 5) | 0]!, a12 = a[(ia + 6) | 0]!, a13 = a[(ia + 7) | 0]!;
    const a20 = a[(ia + 8) | 0]!, a21 = a[(ia + 9) | 0]!, a22 = a[(ia + 10) | 0]!, a23 = a[(ia + 11) | 0]!;
    const a30 = a[(ia + 12) | 0]!, a31 = a[(ia + 13) | 0]!, a32 = a[(ia + 14) | 0]!, a33 = a[(ia + 15) | 0]!;
    ia = (ia + 16) | 0;
    for (let ic = cStart | 0; ic < cEnd; ic = (ic + 4) | 0) {
      const b0 = b[ib]!, b1 = b[(ib + 1) | 0]!, b2 = b[(ib + 2) | 0]!, b3 = b[(ib + 3) | 0]!;
      c[ic]! += a00 * b0 + a01 * b1 + a02 * b2 + a03 * b3;
      c[(ic + 1) | 0]! += a10 * b0 + a11 * b1 + a12 * b2 + a13 * b3;
      c[(ic + 2) | 0]! += a20 * b0 + a21 * b1 + a22 * b2 + a23 * b3;
      c[(ic + 3) | 0]! += a30 * b0 + a31 * b1 + a32 * b2 + a33 * b3;
      ib = (ib + 4) | 0;
    }
  }
}

/** The same for two panels at once, which halves the reading of b. */
function multiplyTwo(
  a: Float64Array,
  aStart: number,
  aStep: number,
  b: Float64Array,
  bStart: number,
  c: Float64Array,
  cStart: number,
  cStep: number,
  blocks: number,
  columns: number,
): void {
  const cEnd = (cStart + columns * 4) | 0;
  let ia = aStart | 0;
  let ja = (aStart + aStep) | 0;
  let ib = bStart | 0;
  // biome-ignore format: one line for each row of the block
  for (let block = 0; block < blocks; block++) {
    const a00 = a[ia]!, a01 = a[(ia + 1) | 0]!, a02 = a[(ia + 2) | 0]!, a03 = a[(ia + 3) | 0]!;
    const a10 = a[(ia + 4) | 0]!, a11 = a[(ia + 5) | 0]!, a12 = a[(ia + 6) | 0]!, a13 = a[(ia + 7) | 0]!;
    const a20 = a[(ia + 8) | 0]!, a21 = a[(ia + 9) | 0]!, a22 = a[(ia + 10) | 0]!, a23 = a[(ia + 11) | 0]!;
    const a30 = a[(ia + 12) | 0]!, a31 = a[(ia + 13) | 0]!, a32 = a[(ia + 14) | 0]!, a33 = a[(ia + 15) | 0]!;
    const a40 = a[ja]!, a41 = a[(ja + 1) | 0]!, a42 = a[(ja + 2) | 0]!, a43 = a[(ja + 3) | 0]!;
    const a50 = a[(ja + 4) | 0]!, a51 = a[(ja + 5) | 0]!, a52 = a[(ja + 6) | 0]!, a53 = a[(ja + 7) | 0]!;
    const a60 = a[(ja + 8) | 0]!, a61 = a[(ja + 9) | 0]!, a62 = a[(ja + 10) | 0]!, a63 = a[(ja + 11) | 0]!;
    const a70 = a[(ja + 12) | 0]!, a71 = a[(ja + 13) | 0]!, a72 = a[(ja + 14) | 0]!, a73 = a[(ja + 15) | 0]!;
    ia = (ia + 16) | 0;
    ja = (ja + 16) | 0;
    for (let ic = cStart | 0; ic < cEnd; ic = (ic + 4) | 0) {
      const b0 = b[ib]!, b1 = b[(ib + 1) | 0]!, b2 = b[(ib + 2) | 0]!, b3 = b[(ib + 3) | 0]!;
      const jc = (ic + cStep) | 0;
      c[ic]! += a00 * b0 + a01 * b1 + a02 * b2 + a03 * b3;
      c[(ic + 1) | 0]! += a10 * b0 + a11 * b1 + a12 * b2 + a13 * b3;
      c[(ic + 2) | 0]! += a20 * b0 + a21 * b1 + a22 * b2 + a23 * b3;
      c[(ic + 3) | 0]! += a30 * b0 + a31 * b1 + a32 * b2 + a33 * b3;
      c[jc]! += a40 * b0 + a41 * b1 + a42 * b2 + a43 * b3;
      c[(jc + 1) | 0]! += a50 * b0 + a51 * b1 + a52 * b2 + a53 * b3;
      c[(jc + 2) | 0]! += a60 * b0 + a61 * b1 + a62 * b2 + a63 * b3;
      c[(jc + 3) | 0]! += a70 * b0 + a71 * b1 + a72 * b2 + a73 * b3;
      ib = (ib + 4) | 0;
    }
  }
}
