// The register tile under matrix products, convolutions and their gradients, and how its left operand is
// packed: TILE_ROWS floats for each step of the sum, so that one pointer feeds all rows.
//
// V8 reorders the steps and spills the sums, at half the speed or worse, unless the tile keeps this form
// (measured on Node 20, 22 and 24): one loop, left at its top, not unrolled, with nothing but stores behind
// it, in a function of its own. Whoever calls it exports it, so that Binaryen does not inline it.
import { ROW_ENTRY, TILE_ROWS } from './row-tile';
import { madd } from './simd';

/** Bytes of the packed left operand for one step of the sum. */
// @ts-ignore: decorator
@inline export const STEP_BYTES: usize = <usize>TILE_ROWS << 2;

/**
 * One tile of C = A B: TILE_ROWS x 8.
 *
 * @param a     TILE_ROWS floats a step
 * @param b     8 floats a step
 * @param last  end of b's steps
 * @param rows  where each row of the result goes: TILE_ROWS pointers, ROW_ENTRY bytes apart
 * @param skip  bytes added to each of these
 * @param start 8 floats that the sums begin with, or 0: they go on from what the rows hold
 */
export function registerTile(a: usize, b: usize, last: usize, rows: usize, skip: usize, start: usize): void {
  let c00: v128, c01: v128, c10: v128, c11: v128, c20: v128, c21: v128;
  let c30: v128, c31: v128, c40: v128, c41: v128, c50: v128, c51: v128;
  if (start) {
    c00 = v128.load(start); c01 = v128.load(start, 16);
    c10 = c00; c11 = c01; c20 = c00; c21 = c01; c30 = c00; c31 = c01; c40 = c00; c41 = c01; c50 = c00; c51 = c01;
  } else {
    let c = load<usize>(rows) + skip;
    c00 = v128.load(c); c01 = v128.load(c, 16);
    c = load<usize>(rows, 12) + skip;
    c10 = v128.load(c); c11 = v128.load(c, 16);
    c = load<usize>(rows, 24) + skip;
    c20 = v128.load(c); c21 = v128.load(c, 16);
    c = load<usize>(rows, 36) + skip;
    c30 = v128.load(c); c31 = v128.load(c, 16);
    c = load<usize>(rows, 48) + skip;
    c40 = v128.load(c); c41 = v128.load(c, 16);
    if (TILE_ROWS == 6) {
      c = load<usize>(rows, 60) + skip;
      c50 = v128.load(c); c51 = v128.load(c, 16);
    } else {
      c50 = c40; c51 = c41;
    }
  }
  while (b < last) {
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
    if (TILE_ROWS == 6) {
      x = v128.load32_splat(a, 20);
      c50 = madd(x, b0, c50); c51 = madd(x, b1, c51);
    }
    a += STEP_BYTES;
    b += 32;
  }
  let c = load<usize>(rows) + skip;
  v128.store(c, c00); v128.store(c, c01, 16);
  c = load<usize>(rows, 12) + skip;
  v128.store(c, c10); v128.store(c, c11, 16);
  c = load<usize>(rows, 24) + skip;
  v128.store(c, c20); v128.store(c, c21, 16);
  c = load<usize>(rows, 36) + skip;
  v128.store(c, c30); v128.store(c, c31, 16);
  c = load<usize>(rows, 48) + skip;
  v128.store(c, c40); v128.store(c, c41, 16);
  if (TILE_ROWS == 6) {
    c = load<usize>(rows, 60) + skip;
    v128.store(c, c50); v128.store(c, c51, 16);
  }
}

/** relu (1) or relu6 (2) of a tile where it was stored; pmax and pmin keep a NaN that is their first operand. */
export function rectifyTile(rows: usize, skip: usize, columns: i32, activation: i32): void {
  const most = f32x4.splat(activation == 2 ? 6 : Infinity);
  for (let r = 0; r < TILE_ROWS; r++, rows += ROW_ENTRY) {
    let c = load<usize>(rows) + skip;
    for (const end = c + (<usize>columns << 2); c < end; c += 16) {
      v128.store(c, f32x4.pmin(f32x4.pmax(v128.load(c), f32x4.splat(0)), most));
    }
  }
}

/** Packs `count` floats of each row of a tile, `offset` bytes from where the rows begin. */
export function packRun(rows: usize, offset: usize, count: i32, to: usize): void {
  let a = load<usize>(rows) + offset, b = load<usize>(rows, 12) + offset, c = load<usize>(rows, 24) + offset;
  let d = load<usize>(rows, 36) + offset, e = load<usize>(rows, 48) + offset;
  let f: usize = TILE_ROWS == 6 ? load<usize>(rows, 60) + offset : 0;
  for (; count >= 4; count -= 4) {
    const va = v128.load(a), vb = v128.load(b), vc = v128.load(c), vd = v128.load(d);
    const ab = i32x4.shuffle(va, vb, 0, 4, 1, 5), cd = i32x4.shuffle(vc, vd, 0, 4, 1, 5);
    const AB = i32x4.shuffle(va, vb, 2, 6, 3, 7), CD = i32x4.shuffle(vc, vd, 2, 6, 3, 7);
    v128.store(to, i64x2.shuffle(ab, cd, 0, 2));
    v128.store(to + STEP_BYTES, i64x2.shuffle(ab, cd, 1, 3));
    v128.store(to + 2 * STEP_BYTES, i64x2.shuffle(AB, CD, 0, 2));
    v128.store(to + 3 * STEP_BYTES, i64x2.shuffle(AB, CD, 1, 3));
    const ve = v128.load(e);
    if (TILE_ROWS == 6) {
      const vf = v128.load(f);
      const ef = i32x4.shuffle(ve, vf, 0, 4, 1, 5), EF = i32x4.shuffle(ve, vf, 2, 6, 3, 7);
      v128.store_lane<u64>(to, ef, 0, 16);
      v128.store_lane<u64>(to + STEP_BYTES, ef, 1, 16);
      v128.store_lane<u64>(to + 2 * STEP_BYTES, EF, 0, 16);
      v128.store_lane<u64>(to + 3 * STEP_BYTES, EF, 1, 16);
      f += 16;
    } else {
      v128.store_lane<u32>(to, ve, 0, 16);
      v128.store_lane<u32>(to + STEP_BYTES, ve, 1, 16);
      v128.store_lane<u32>(to + 2 * STEP_BYTES, ve, 2, 16);
      v128.store_lane<u32>(to + 3 * STEP_BYTES, ve, 3, 16);
    }
    a += 16; b += 16; c += 16; d += 16; e += 16;
    to += 4 * STEP_BYTES;
  }
  for (; count > 0; count--, to += STEP_BYTES) {
    store<u32>(to, load<u32>(a));
    store<u32>(to, load<u32>(b), 4);
    store<u32>(to, load<u32>(c), 8);
    store<u32>(to, load<u32>(d), 12);
    store<u32>(to, load<u32>(e), 16);
    if (TILE_ROWS == 6) store<u32>(to, load<u32>(f), 20);
    a += 4; b += 4; c += 4; d += 4; e += 4; f += 4;
  }
}

/** Packs TILE_ROWS neighbouring floats of each pixel, `offset` bytes from the addresses in [pixel, end). */
export function packPixels(pixel: usize, end: usize, offset: usize, to: usize): void {
  for (; pixel < end; pixel += 4, to += STEP_BYTES) {
    const x = load<usize>(pixel) + offset;
    v128.store(to, v128.load(x));
    if (TILE_ROWS == 6) store<u64>(to, load<u64>(x, 16), 16);
    else store<u32>(to, load<u32>(x, 16), 16);
  }
}
