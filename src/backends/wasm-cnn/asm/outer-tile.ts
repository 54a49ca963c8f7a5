// The register tile of products that sum over rows: C = AT B, where a row of A and a row of B belong to
// one tile of pixels. The functions are exported to the module by whoever uses them: inlined by Binaryen
// into a caller's loops, or with a branch behind its own, V8 would spill the sums (measured: half the speed).
import { madd } from './simd';

/**
 * Rows of C in a tile. With relaxed SIMD 12 accumulators, 2 of B and 1 of A fill V8's 15 registers;
 * without it the product needs one more.
 */
// @ts-ignore: decorator
@inline export const OUTER_ROWS: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 4;

/** C[0..5][0..7] (+)= sum over `count` rows of A[row][0..5] B[row][0..7]; strides in bytes. */
export function outerTile6(count: i32, a: usize, aStride: usize, b: usize, bStride: usize, c: usize, cStride: usize, add: bool): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00;
  let c30 = c00, c31 = c00, c40 = c00, c41 = c00, c50 = c00, c51 = c00;
  if (add) {
    let from = c;
    c00 = v128.load(from); c01 = v128.load(from, 16);
    from += cStride;
    c10 = v128.load(from); c11 = v128.load(from, 16);
    from += cStride;
    c20 = v128.load(from); c21 = v128.load(from, 16);
    from += cStride;
    c30 = v128.load(from); c31 = v128.load(from, 16);
    from += cStride;
    c40 = v128.load(from); c41 = v128.load(from, 16);
    from += cStride;
    c50 = v128.load(from); c51 = v128.load(from, 16);
  }
  for (let i = count; i > 0; i--) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    c00 = madd(x, b0, c00); c01 = madd(x, b1, c01);
    x = v128.load32_splat(a, 4);
    c10 = madd(x, b0, c10); c11 = madd(x, b1, c11);
    x = v128.load32_splat(a, 8);
    c20 = madd(x, b0, c20); c21 = madd(x, b1, c21);
    x = v128.load32_splat(a, 12);
    c30 = madd(x, b0, c30); c31 = madd(x, b1, c31);
    x = v128.load32_splat(a, 16);
    c40 = madd(x, b0, c40); c41 = madd(x, b1, c41);
    x = v128.load32_splat(a, 20);
    c50 = madd(x, b0, c50); c51 = madd(x, b1, c51);
    a += aStride;
    b += bStride;
  }
  v128.store(c, c00); v128.store(c, c01, 16);
  c += cStride;
  v128.store(c, c10); v128.store(c, c11, 16);
  c += cStride;
  v128.store(c, c20); v128.store(c, c21, 16);
  c += cStride;
  v128.store(c, c30); v128.store(c, c31, 16);
  c += cStride;
  v128.store(c, c40); v128.store(c, c41, 16);
  c += cStride;
  v128.store(c, c50); v128.store(c, c51, 16);
}

/** The same for four rows of C. */
export function outerTile4(count: i32, a: usize, aStride: usize, b: usize, bStride: usize, c: usize, cStride: usize, add: bool): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  if (add) {
    let from = c;
    c00 = v128.load(from); c01 = v128.load(from, 16);
    from += cStride;
    c10 = v128.load(from); c11 = v128.load(from, 16);
    from += cStride;
    c20 = v128.load(from); c21 = v128.load(from, 16);
    from += cStride;
    c30 = v128.load(from); c31 = v128.load(from, 16);
  }
  for (let i = count; i > 0; i--) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    c00 = madd(x, b0, c00); c01 = madd(x, b1, c01);
    x = v128.load32_splat(a, 4);
    c10 = madd(x, b0, c10); c11 = madd(x, b1, c11);
    x = v128.load32_splat(a, 8);
    c20 = madd(x, b0, c20); c21 = madd(x, b1, c21);
    x = v128.load32_splat(a, 12);
    c30 = madd(x, b0, c30); c31 = madd(x, b1, c31);
    a += aStride;
    b += bStride;
  }
  v128.store(c, c00); v128.store(c, c01, 16);
  c += cStride;
  v128.store(c, c10); v128.store(c, c11, 16);
  c += cStride;
  v128.store(c, c20); v128.store(c, c21, 16);
  c += cStride;
  v128.store(c, c30); v128.store(c, c31, 16);
}

/** Rows of C that the next tile takes when `left` remain; it may run up to 3 rows past the end. */
export function nextOuterRows(left: i32): i32 {
  if (OUTER_ROWS == 4) return 4;
  return left <= 4 || left == 7 || left == 8 ? 4 : 6;
}
