// Sums over the windows of a pool: the forward pass of average and L2 pools, and, over the transposed
// tables, their backward pass. Rows are summed on their own and then added, which keeps the error of
// large windows small. Channels are contiguous; where they are no multiple of 4, the last vector reaches
// back over channels already done, and fewer than 4 go one by one.
import { PoolShape, columnTable, countOf, firstOf, rowTable } from './pool';
import { madd } from './simd';

/** What is summed, and what becomes of the sum. */
export const enum Sum {
  /** y = sum of x, times the window's weights. */
  Average,
  /** y = root of the sum of squares. */
  Root,
  /** dx = sum of dy, each times its window's weights. */
  Share,
  /** dx = x * sum of ratios. */
  Ratio,
}

/**
 * Computes rows begin..end of batch * outHeight of `target` from `source`; both may be a pool's input or
 * output. Behind the tables in `shape` lie the weights of the rows and columns of windows, if `sum` uses
 * them. `x` is read by Ratio only.
 */
// @ts-ignore: decorator
@inline export function sumWindows(sum: Sum, begin: i32, end: i32, source: usize, x: usize, target: usize, shape: usize): void {
  const s = changetype<PoolShape>(shape);
  const rows = rowTable(shape), columns = columnTable(shape);
  const rowWeights = columns + (<usize>s.outWidth << 3);
  const columnWeights = rowWeights + (<usize>(sum == Sum.Share ? s.inHeight : s.outHeight) << 2);
  const pixel = <usize>s.channels << 2;
  const line = <usize>s.inWidth * pixel;
  let b = begin / s.outHeight;
  let oy = begin - b * s.outHeight;
  let to = target + <usize>(begin * s.outWidth) * pixel;
  for (let row = begin; row < end; row++) {
    const first = firstOf(rows, oy), height = countOf(rows, oy);
    const from = source + <usize>(b * s.inHeight + first) * line;
    for (let ox = 0; ox < s.outWidth; ox++, to += pixel) {
      const left = firstOf(columns, ox), width = countOf(columns, ox);
      const corner = from + <usize>left * pixel;
      // Forward a window has one weight, backward every term has its own.
      const rw = sum == Sum.Share ? rowWeights + (<usize>first << 2) : rowWeights + (<usize>oy << 2);
      const cw = sum == Sum.Share ? columnWeights + (<usize>left << 2) : columnWeights + (<usize>ox << 2);
      if (s.channels < 4) {
        for (let c: usize = 0; c < pixel; c += 4) {
          sumOfOne(sum, corner + c, to + c, x - target, height, width, line, pixel, rw, cw);
        }
        continue;
      }
      if ((sum == Sum.Share || sum == Sum.Ratio) && height == 1 && width == 1) {
        oneTerm(sum, corner, to, x - target, pixel, rw, cw);
        continue;
      }
      let c: usize = 0;
      for (; c + 64 <= pixel; c += 64) sumOf16(sum, corner + c, to + c, x - target, height, width, line, pixel, rw, cw);
      for (; c < pixel; c += 16) {
        const at = min(c, pixel - 16);
        sumOf4(sum, corner + at, to + at, x - target, height, width, line, pixel, rw, cw);
      }
    }
    if (++oy == s.outHeight) {
      oy = 0;
      b++;
    }
  }
}

/** One term added to the sum of its row. */
// @ts-ignore: decorator
@inline function term(sum: Sum, value: v128, weight: v128, row: v128): v128 {
  if (sum == Sum.Root) return madd(value, value, row);
  if (sum == Sum.Share) return madd(value, weight, row);
  return f32x4.add(value, row);
}

/** The sum of a row added to the sum of the window. */
// @ts-ignore: decorator
@inline function addRow(sum: Sum, row: v128, weight: v128, total: v128): v128 {
  return sum == Sum.Share ? madd(row, weight, total) : f32x4.add(row, total);
}

/** What is stored for a sum. */
// @ts-ignore: decorator
@inline function finished(sum: Sum, total: v128, x: usize, rw: usize, cw: usize): v128 {
  if (sum == Sum.Average) return f32x4.mul(total, f32x4.splat(load<f32>(rw) * load<f32>(cw)));
  if (sum == Sum.Root) return f32x4.sqrt(total);
  if (sum == Sum.Ratio) return f32x4.mul(total, v128.load(x));
  return total;
}

/** Backward, where windows do not overlap, the sum has one term. */
// @ts-ignore: decorator
@inline function oneTerm(sum: Sum, from: usize, to: usize, toX: usize, pixel: usize, rw: usize, cw: usize): void {
  const weight = f32x4.splat(sum == Sum.Share ? load<f32>(rw) * load<f32>(cw) : 1);
  for (let c: usize = 0; c < pixel; c += 16) {
    const at = min(c, pixel - 16);
    const factor = sum == Sum.Share ? weight : v128.load(to + at + toX);
    v128.store(to + at, f32x4.mul(v128.load(from + at), factor));
  }
}

// @ts-ignore: decorator
@inline function sumOf16(sum: Sum, corner: usize, to: usize, toX: usize, height: i32, width: i32, line: usize, pixel: usize,
  rw: usize, cw: usize): void {
  let t0 = f32x4.splat(0), t1 = t0, t2 = t0, t3 = t0, weight = t0;
  for (let r: i32 = 0; r < height; r++, corner += line) {
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
    for (let k: i32 = 0, p = corner; k < width; k++, p += pixel) {
      if (sum == Sum.Share) weight = v128.load32_splat(cw + (<usize>k << 2));
      s0 = term(sum, v128.load(p), weight, s0);
      s1 = term(sum, v128.load(p, 16), weight, s1);
      s2 = term(sum, v128.load(p, 32), weight, s2);
      s3 = term(sum, v128.load(p, 48), weight, s3);
    }
    if (sum == Sum.Share) weight = v128.load32_splat(rw + (<usize>r << 2));
    t0 = addRow(sum, s0, weight, t0);
    t1 = addRow(sum, s1, weight, t1);
    t2 = addRow(sum, s2, weight, t2);
    t3 = addRow(sum, s3, weight, t3);
  }
  const x = to + toX;
  v128.store(to, finished(sum, t0, x, rw, cw));
  v128.store(to, finished(sum, t1, x + 16, rw, cw), 16);
  v128.store(to, finished(sum, t2, x + 32, rw, cw), 32);
  v128.store(to, finished(sum, t3, x + 48, rw, cw), 48);
}

// @ts-ignore: decorator
@inline function sumOf4(sum: Sum, corner: usize, to: usize, toX: usize, height: i32, width: i32, line: usize, pixel: usize,
  rw: usize, cw: usize): void {
  let total = f32x4.splat(0), weight = total;
  for (let r: i32 = 0; r < height; r++, corner += line) {
    let row = f32x4.splat(0);
    for (let k: i32 = 0, p = corner; k < width; k++, p += pixel) {
      if (sum == Sum.Share) weight = v128.load32_splat(cw + (<usize>k << 2));
      row = term(sum, v128.load(p), weight, row);
    }
    if (sum == Sum.Share) weight = v128.load32_splat(rw + (<usize>r << 2));
    total = addRow(sum, row, weight, total);
  }
  v128.store(to, finished(sum, total, to + toX, rw, cw));
}

// @ts-ignore: decorator
@inline function sumOfOne(sum: Sum, corner: usize, to: usize, toX: usize, height: i32, width: i32, line: usize, pixel: usize,
  rw: usize, cw: usize): void {
  let total: f32 = 0;
  for (let r: i32 = 0; r < height; r++, corner += line) {
    let row: f32 = 0;
    for (let k: i32 = 0, p = corner; k < width; k++, p += pixel) {
      const value = load<f32>(p);
      if (sum == Sum.Root) row += value * value;
      else if (sum == Sum.Share) row += value * load<f32>(cw + (<usize>k << 2));
      else row += value;
    }
    total += sum == Sum.Share ? row * load<f32>(rw + (<usize>r << 2)) : row;
  }
  if (sum == Sum.Average) total *= load<f32>(rw) * load<f32>(cw);
  else if (sum == Sum.Root) total = sqrt(total);
  else if (sum == Sum.Ratio) total *= load<f32>(to + toX);
  store<f32>(to, total);
}
