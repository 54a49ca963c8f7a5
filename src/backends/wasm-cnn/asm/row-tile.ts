// The register tile of Winograd's products: a few rows of A, each read through a pointer of its own by
// splatting loads, times a packed panel of B.
//
// V8 reorders the steps and spills the sums, at half the speed or worse, unless its loop keeps this form
// (measured on Node 20, 22 and 24): one loop, left at its top, not unrolled, with nothing but stores behind
// it, in a function of its own. Whoever calls rowTile exports it, so that Binaryen does not inline it.
import { madd } from './simd';

/**
 * Rows of a tile. 12 accumulators, 2 of B and 1 of A are the 15 registers that V8 hands out on x64;
 * without a fused multiply-add the product needs one more.
 */
// @ts-ignore: decorator
@inline export const TILE_ROWS: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 5;

/** Columns of a tile: two vectors. */
// @ts-ignore: decorator
@inline export const PANEL: i32 = 8;

/** Bytes of an entry of the row table: {where the row of A begins, where its results go, where they go otherwise}. */
// @ts-ignore: decorator
@inline export const ROW_ENTRY: usize = 12;

/**
 * One tile of C = A B: TILE_ROWS x 8.
 *
 * @param rows    TILE_ROWS entries of the row table
 * @param offset  bytes added to where each row of A begins
 * @param column  bytes added to where its results go
 * @param b       the panel: 8 columns for each step
 * @param last    end of its part for these steps
 * @param start   8 floats that the sums begin with, or 0: they go on from what the target holds
 */
export function rowTile(rows: usize, offset: usize, column: usize, b: usize, last: usize, start: usize): void {
  let c00: v128, c01: v128, c10: v128, c11: v128, c20: v128, c21: v128;
  let c30: v128, c31: v128, c40: v128, c41: v128, c50: v128, c51: v128;
  if (start) {
    c00 = v128.load(start); c01 = v128.load(start, 16);
    c10 = c00; c11 = c01; c20 = c00; c21 = c01; c30 = c00; c31 = c01; c40 = c00; c41 = c01; c50 = c00; c51 = c01;
  } else {
    let c = load<usize>(rows, 4) + column;
    c00 = v128.load(c); c01 = v128.load(c, 16);
    c = load<usize>(rows, 16) + column;
    c10 = v128.load(c); c11 = v128.load(c, 16);
    c = load<usize>(rows, 28) + column;
    c20 = v128.load(c); c21 = v128.load(c, 16);
    c = load<usize>(rows, 40) + column;
    c30 = v128.load(c); c31 = v128.load(c, 16);
    c = load<usize>(rows, 52) + column;
    c40 = v128.load(c); c41 = v128.load(c, 16);
    if (TILE_ROWS == 6) {
      c = load<usize>(rows, 64) + column;
      c50 = v128.load(c); c51 = v128.load(c, 16);
    } else {
      c50 = c40; c51 = c41;
    }
  }
  let a0 = load<usize>(rows) + offset, a1 = load<usize>(rows, 12) + offset, a2 = load<usize>(rows, 24) + offset;
  let a3 = load<usize>(rows, 36) + offset, a4 = load<usize>(rows, 48) + offset;
  let a5: usize = TILE_ROWS == 6 ? load<usize>(rows, 60) + offset : 0;
  while (b < last) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let a = v128.load32_splat(a0);
    c00 = madd(a, b0, c00); c01 = madd(a, b1, c01);
    a = v128.load32_splat(a1);
    c10 = madd(a, b0, c10); c11 = madd(a, b1, c11);
    a = v128.load32_splat(a2);
    c20 = madd(a, b0, c20); c21 = madd(a, b1, c21);
    a = v128.load32_splat(a3);
    c30 = madd(a, b0, c30); c31 = madd(a, b1, c31);
    a = v128.load32_splat(a4);
    c40 = madd(a, b0, c40); c41 = madd(a, b1, c41);
    if (TILE_ROWS == 6) {
      a = v128.load32_splat(a5);
      c50 = madd(a, b0, c50); c51 = madd(a, b1, c51);
      a5 += 4;
    }
    a0 += 4; a1 += 4; a2 += 4; a3 += 4; a4 += 4;
    b += 32;
  }
  let c = load<usize>(rows, 4) + column;
  v128.store(c, c00); v128.store(c, c01, 16);
  c = load<usize>(rows, 16) + column;
  v128.store(c, c10); v128.store(c, c11, 16);
  c = load<usize>(rows, 28) + column;
  v128.store(c, c20); v128.store(c, c21, 16);
  c = load<usize>(rows, 40) + column;
  v128.store(c, c30); v128.store(c, c31, 16);
  c = load<usize>(rows, 52) + column;
  v128.store(c, c40); v128.store(c, c41, 16);
  if (TILE_ROWS == 6) {
    c = load<usize>(rows, 64) + column;
    v128.store(c, c50); v128.store(c, c51, 16);
  }
}
