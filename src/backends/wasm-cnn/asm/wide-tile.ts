// The register tile of 16 columns, for engines that join neighbouring 128-bit instructions to 256-bit ones
// (V8's revectorization): 12 registers hold the sums then. Elsewhere it spills; see WasmRuntime.wide.
import { madd } from './simd';

/** registerTile for panels of 16 columns: 16 floats a step of b, and of start. Only in the build with relaxed SIMD. */
export function registerTile16(a: usize, b: usize, last: usize, rows: usize, skip: usize, start: usize): void {
  if (!ASC_FEATURE_RELAXED_SIMD) return;
  let c00: v128, c01: v128, c02: v128, c03: v128;
  let c10: v128, c11: v128, c12: v128, c13: v128;
  let c20: v128, c21: v128, c22: v128, c23: v128;
  let c30: v128, c31: v128, c32: v128, c33: v128;
  let c40: v128, c41: v128, c42: v128, c43: v128;
  let c50: v128, c51: v128, c52: v128, c53: v128;
  if (start) {
    c00 = v128.load(start); c01 = v128.load(start, 16); c02 = v128.load(start, 32); c03 = v128.load(start, 48);
    c10 = c00; c11 = c01; c12 = c02; c13 = c03;
    c20 = c00; c21 = c01; c22 = c02; c23 = c03;
    c30 = c00; c31 = c01; c32 = c02; c33 = c03;
    c40 = c00; c41 = c01; c42 = c02; c43 = c03;
    c50 = c00; c51 = c01; c52 = c02; c53 = c03;
  } else {
    let c = load<usize>(rows) + skip;
    c00 = v128.load(c); c01 = v128.load(c, 16); c02 = v128.load(c, 32); c03 = v128.load(c, 48);
    c = load<usize>(rows, 12) + skip;
    c10 = v128.load(c); c11 = v128.load(c, 16); c12 = v128.load(c, 32); c13 = v128.load(c, 48);
    c = load<usize>(rows, 24) + skip;
    c20 = v128.load(c); c21 = v128.load(c, 16); c22 = v128.load(c, 32); c23 = v128.load(c, 48);
    c = load<usize>(rows, 36) + skip;
    c30 = v128.load(c); c31 = v128.load(c, 16); c32 = v128.load(c, 32); c33 = v128.load(c, 48);
    c = load<usize>(rows, 48) + skip;
    c40 = v128.load(c); c41 = v128.load(c, 16); c42 = v128.load(c, 32); c43 = v128.load(c, 48);
    c = load<usize>(rows, 60) + skip;
    c50 = v128.load(c); c51 = v128.load(c, 16); c52 = v128.load(c, 32); c53 = v128.load(c, 48);
  }
  while (b < last) {
    const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48);
    let x = v128.load32_splat(a);
    c00 = madd(x, b0, c00); c01 = madd(x, b1, c01); c02 = madd(x, b2, c02); c03 = madd(x, b3, c03);
    x = v128.load32_splat(a, 4);
    c10 = madd(x, b0, c10); c11 = madd(x, b1, c11); c12 = madd(x, b2, c12); c13 = madd(x, b3, c13);
    x = v128.load32_splat(a, 8);
    c20 = madd(x, b0, c20); c21 = madd(x, b1, c21); c22 = madd(x, b2, c22); c23 = madd(x, b3, c23);
    x = v128.load32_splat(a, 12);
    c30 = madd(x, b0, c30); c31 = madd(x, b1, c31); c32 = madd(x, b2, c32); c33 = madd(x, b3, c33);
    x = v128.load32_splat(a, 16);
    c40 = madd(x, b0, c40); c41 = madd(x, b1, c41); c42 = madd(x, b2, c42); c43 = madd(x, b3, c43);
    x = v128.load32_splat(a, 20);
    c50 = madd(x, b0, c50); c51 = madd(x, b1, c51); c52 = madd(x, b2, c52); c53 = madd(x, b3, c53);
    a += 24;
    b += 64;
  }
  let c = load<usize>(rows) + skip;
  v128.store(c, c00); v128.store(c, c01, 16); v128.store(c, c02, 32); v128.store(c, c03, 48);
  c = load<usize>(rows, 12) + skip;
  v128.store(c, c10); v128.store(c, c11, 16); v128.store(c, c12, 32); v128.store(c, c13, 48);
  c = load<usize>(rows, 24) + skip;
  v128.store(c, c20); v128.store(c, c21, 16); v128.store(c, c22, 32); v128.store(c, c23, 48);
  c = load<usize>(rows, 36) + skip;
  v128.store(c, c30); v128.store(c, c31, 16); v128.store(c, c32, 32); v128.store(c, c33, 48);
  c = load<usize>(rows, 48) + skip;
  v128.store(c, c40); v128.store(c, c41, 16); v128.store(c, c42, 32); v128.store(c, c43, 48);
  c = load<usize>(rows, 60) + skip;
  v128.store(c, c50); v128.store(c, c51, 16); v128.store(c, c52, 32); v128.store(c, c53, 48);
}

/** rowTile for panels of 16 columns: 16 floats a step of b, and of start. Only in the build with relaxed SIMD. */
export function rowTile16(rows: usize, offset: usize, column: usize, b: usize, last: usize, start: usize): void {
  if (!ASC_FEATURE_RELAXED_SIMD) return;
  let c00: v128, c01: v128, c02: v128, c03: v128;
  let c10: v128, c11: v128, c12: v128, c13: v128;
  let c20: v128, c21: v128, c22: v128, c23: v128;
  let c30: v128, c31: v128, c32: v128, c33: v128;
  let c40: v128, c41: v128, c42: v128, c43: v128;
  let c50: v128, c51: v128, c52: v128, c53: v128;
  if (start) {
    c00 = v128.load(start); c01 = v128.load(start, 16); c02 = v128.load(start, 32); c03 = v128.load(start, 48);
    c10 = c00; c11 = c01; c12 = c02; c13 = c03;
    c20 = c00; c21 = c01; c22 = c02; c23 = c03;
    c30 = c00; c31 = c01; c32 = c02; c33 = c03;
    c40 = c00; c41 = c01; c42 = c02; c43 = c03;
    c50 = c00; c51 = c01; c52 = c02; c53 = c03;
  } else {
    let c = load<usize>(rows, 4) + column;
    c00 = v128.load(c); c01 = v128.load(c, 16); c02 = v128.load(c, 32); c03 = v128.load(c, 48);
    c = load<usize>(rows, 16) + column;
    c10 = v128.load(c); c11 = v128.load(c, 16); c12 = v128.load(c, 32); c13 = v128.load(c, 48);
    c = load<usize>(rows, 28) + column;
    c20 = v128.load(c); c21 = v128.load(c, 16); c22 = v128.load(c, 32); c23 = v128.load(c, 48);
    c = load<usize>(rows, 40) + column;
    c30 = v128.load(c); c31 = v128.load(c, 16); c32 = v128.load(c, 32); c33 = v128.load(c, 48);
    c = load<usize>(rows, 52) + column;
    c40 = v128.load(c); c41 = v128.load(c, 16); c42 = v128.load(c, 32); c43 = v128.load(c, 48);
    c = load<usize>(rows, 64) + column;
    c50 = v128.load(c); c51 = v128.load(c, 16); c52 = v128.load(c, 32); c53 = v128.load(c, 48);
  }
  let a0 = load<usize>(rows) + offset, a1 = load<usize>(rows, 12) + offset, a2 = load<usize>(rows, 24) + offset;
  let a3 = load<usize>(rows, 36) + offset, a4 = load<usize>(rows, 48) + offset, a5 = load<usize>(rows, 60) + offset;
  while (b < last) {
    const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48);
    let x = v128.load32_splat(a0);
    c00 = madd(x, b0, c00); c01 = madd(x, b1, c01); c02 = madd(x, b2, c02); c03 = madd(x, b3, c03);
    x = v128.load32_splat(a1);
    c10 = madd(x, b0, c10); c11 = madd(x, b1, c11); c12 = madd(x, b2, c12); c13 = madd(x, b3, c13);
    x = v128.load32_splat(a2);
    c20 = madd(x, b0, c20); c21 = madd(x, b1, c21); c22 = madd(x, b2, c22); c23 = madd(x, b3, c23);
    x = v128.load32_splat(a3);
    c30 = madd(x, b0, c30); c31 = madd(x, b1, c31); c32 = madd(x, b2, c32); c33 = madd(x, b3, c33);
    x = v128.load32_splat(a4);
    c40 = madd(x, b0, c40); c41 = madd(x, b1, c41); c42 = madd(x, b2, c42); c43 = madd(x, b3, c43);
    x = v128.load32_splat(a5);
    c50 = madd(x, b0, c50); c51 = madd(x, b1, c51); c52 = madd(x, b2, c52); c53 = madd(x, b3, c53);
    a0 += 4; a1 += 4; a2 += 4; a3 += 4; a4 += 4; a5 += 4;
    b += 64;
  }
  let c = load<usize>(rows, 4) + column;
  v128.store(c, c00); v128.store(c, c01, 16); v128.store(c, c02, 32); v128.store(c, c03, 48);
  c = load<usize>(rows, 16) + column;
  v128.store(c, c10); v128.store(c, c11, 16); v128.store(c, c12, 32); v128.store(c, c13, 48);
  c = load<usize>(rows, 28) + column;
  v128.store(c, c20); v128.store(c, c21, 16); v128.store(c, c22, 32); v128.store(c, c23, 48);
  c = load<usize>(rows, 40) + column;
  v128.store(c, c30); v128.store(c, c31, 16); v128.store(c, c32, 32); v128.store(c, c33, 48);
  c = load<usize>(rows, 52) + column;
  v128.store(c, c40); v128.store(c, c41, 16); v128.store(c, c42, 32); v128.store(c, c43, 48);
  c = load<usize>(rows, 64) + column;
  v128.store(c, c50); v128.store(c, c51, 16); v128.store(c, c52, 32); v128.store(c, c53, 48);
}

/**
 * outerTile6 for 16 columns, whose sums begin with the 16 floats at `start`, or where that is 0 with what C holds: of sums
 * that begin with a constant the engine makes no 256-bit instructions. Only in the build with relaxed SIMD.
 */
export function outerTile6x16(count: i32, a: usize, aStride: usize, b: usize, bStride: usize, c: usize, cStride: usize, start: usize): void {
  if (!ASC_FEATURE_RELAXED_SIMD) return;
  let c00: v128, c01: v128, c02: v128, c03: v128;
  let c10: v128, c11: v128, c12: v128, c13: v128;
  let c20: v128, c21: v128, c22: v128, c23: v128;
  let c30: v128, c31: v128, c32: v128, c33: v128;
  let c40: v128, c41: v128, c42: v128, c43: v128;
  let c50: v128, c51: v128, c52: v128, c53: v128;
  if (start) {
    c00 = v128.load(start); c01 = v128.load(start, 16); c02 = v128.load(start, 32); c03 = v128.load(start, 48);
    c10 = c00; c11 = c01; c12 = c02; c13 = c03;
    c20 = c00; c21 = c01; c22 = c02; c23 = c03;
    c30 = c00; c31 = c01; c32 = c02; c33 = c03;
    c40 = c00; c41 = c01; c42 = c02; c43 = c03;
    c50 = c00; c51 = c01; c52 = c02; c53 = c03;
  } else {
    let from = c;
    c00 = v128.load(from); c01 = v128.load(from, 16); c02 = v128.load(from, 32); c03 = v128.load(from, 48);
    from += cStride;
    c10 = v128.load(from); c11 = v128.load(from, 16); c12 = v128.load(from, 32); c13 = v128.load(from, 48);
    from += cStride;
    c20 = v128.load(from); c21 = v128.load(from, 16); c22 = v128.load(from, 32); c23 = v128.load(from, 48);
    from += cStride;
    c30 = v128.load(from); c31 = v128.load(from, 16); c32 = v128.load(from, 32); c33 = v128.load(from, 48);
    from += cStride;
    c40 = v128.load(from); c41 = v128.load(from, 16); c42 = v128.load(from, 32); c43 = v128.load(from, 48);
    from += cStride;
    c50 = v128.load(from); c51 = v128.load(from, 16); c52 = v128.load(from, 32); c53 = v128.load(from, 48);
  }
  for (let i = count; i > 0; i--) {
    const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48);
    let x = v128.load32_splat(a);
    c00 = madd(x, b0, c00); c01 = madd(x, b1, c01); c02 = madd(x, b2, c02); c03 = madd(x, b3, c03);
    x = v128.load32_splat(a, 4);
    c10 = madd(x, b0, c10); c11 = madd(x, b1, c11); c12 = madd(x, b2, c12); c13 = madd(x, b3, c13);
    x = v128.load32_splat(a, 8);
    c20 = madd(x, b0, c20); c21 = madd(x, b1, c21); c22 = madd(x, b2, c22); c23 = madd(x, b3, c23);
    x = v128.load32_splat(a, 12);
    c30 = madd(x, b0, c30); c31 = madd(x, b1, c31); c32 = madd(x, b2, c32); c33 = madd(x, b3, c33);
    x = v128.load32_splat(a, 16);
    c40 = madd(x, b0, c40); c41 = madd(x, b1, c41); c42 = madd(x, b2, c42); c43 = madd(x, b3, c43);
    x = v128.load32_splat(a, 20);
    c50 = madd(x, b0, c50); c51 = madd(x, b1, c51); c52 = madd(x, b2, c52); c53 = madd(x, b3, c53);
    a += aStride;
    b += bStride;
  }
  v128.store(c, c00); v128.store(c, c01, 16); v128.store(c, c02, 32); v128.store(c, c03, 48);
  c += cStride;
  v128.store(c, c10); v128.store(c, c11, 16); v128.store(c, c12, 32); v128.store(c, c13, 48);
  c += cStride;
  v128.store(c, c20); v128.store(c, c21, 16); v128.store(c, c22, 32); v128.store(c, c23, 48);
  c += cStride;
  v128.store(c, c30); v128.store(c, c31, 16); v128.store(c, c32, 32); v128.store(c, c33, 48);
  c += cStride;
  v128.store(c, c40); v128.store(c, c41, 16); v128.store(c, c42, 32); v128.store(c, c43, 48);
  c += cStride;
  v128.store(c, c50); v128.store(c, c51, 16); v128.store(c, c52, 32); v128.store(c, c53, 48);
}
