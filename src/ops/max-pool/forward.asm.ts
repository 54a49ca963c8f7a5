// Max pooling, forward. x [batch, inHeight, inWidth, channels]; y [batch, outHeight, outWidth, channels].
// Channels are the contiguous dimension. Where they are no multiple of 4, the last vector reaches back over
// channels already done; fewer than 4 go one by one.
import { PoolShape, columnTable, countOf, firstOf, rowTable } from '../../backends/wasm-cnn/asm/pool';

/** Does the first take the place of the second: larger, or NaN? */
// @ts-ignore: decorator
@inline function beats(value: f32, largest: f32): bool {
  return value > largest || value != value;
}

/** One piece computes output rows begin..end of batch * outHeight. */
export function maxPoolForward(begin: i32, end: i32, x: usize, y: usize, shape: usize): void {
  const s = changetype<PoolShape>(shape);
  const rows = rowTable(shape), columns = columnTable(shape);
  const pixel = <usize>s.channels << 2;
  const line = <usize>s.inWidth * pixel;
  const rowBytes = <usize>s.rowStep * line, columnBytes = <usize>s.columnStep * pixel;
  const outLine = <usize>s.outWidth * pixel;
  let b = begin / s.outHeight;
  let oy = begin - b * s.outHeight;
  let to = y + <usize>begin * outLine;
  for (let row = begin; row < end; row++) {
    const from = x + <usize>(b * s.inHeight + firstOf(rows, oy)) * line;
    const height = countOf(rows, oy);
    for (let ox = 0; ox < s.outWidth; ox++) {
      const corner = from + <usize>firstOf(columns, ox) * pixel;
      const width = countOf(columns, ox);
      if (s.channels < 4) {
        for (let c: usize = 0; c < pixel; c += 4) store<f32>(to + c, largest1(corner + c, height, width, rowBytes, columnBytes));
      } else if (height == 2 && width == 2) {
        largestOfFour(corner, to, pixel, rowBytes, columnBytes);
      } else {
        largestOfWindow(corner, to, pixel, height, width, rowBytes, columnBytes);
      }
      to += pixel;
    }
    if (++oy == s.outHeight) {
      oy = 0;
      b++;
    }
  }
}

function largest1(corner: usize, height: i32, width: i32, rowBytes: usize, columnBytes: usize): f32 {
  let largest = load<f32>(corner);
  for (; height > 0; height--, corner += rowBytes) {
    for (let k = 0, p = corner; k < width; k++, p += columnBytes) {
      const value = load<f32>(p);
      if (beats(value, largest)) largest = value;
    }
  }
  return largest;
}

/** pmax loses NaN, so it is looked for beside: cheaper than max, which takes eight instructions on x86. */
// @ts-ignore: decorator
@inline function largestOfFour(corner: usize, to: usize, pixel: usize, rowBytes: usize, columnBytes: usize): void {
  for (let c: usize = 0; c < pixel; c += 16) {
    const at = min(c, pixel - 16);
    const p = corner + at, q = p + rowBytes;
    const v0 = v128.load(p), v1 = v128.load(p + columnBytes), v2 = v128.load(q), v3 = v128.load(q + columnBytes);
    const nan = v128.or(
      v128.or(f32x4.ne(v0, v0), f32x4.ne(v1, v1)),
      v128.or(f32x4.ne(v2, v2), f32x4.ne(v3, v3)),
    );
    v128.store(to + at, v128.or(f32x4.pmax(f32x4.pmax(v0, v1), f32x4.pmax(v2, v3)), nan));
  }
}

// @ts-ignore: decorator
@inline function largestOfWindow(corner: usize, to: usize, pixel: usize, height: i32, width: i32,
  rowBytes: usize, columnBytes: usize): void {
  let c: usize = 0;
  for (; c + 64 <= pixel; c += 64) largest16(corner + c, to + c, height, width, rowBytes, columnBytes);
  for (; c < pixel; c += 16) {
    const at = min(c, pixel - 16);
    largest4(corner + at, to + at, height, width, rowBytes, columnBytes);
  }
}

function largest16(corner: usize, to: usize, height: i32, width: i32, rowBytes: usize, columnBytes: usize): void {
  let m0 = v128.load(corner), m1 = v128.load(corner, 16), m2 = v128.load(corner, 32), m3 = v128.load(corner, 48);
  let n0 = f32x4.splat(0), n1 = n0, n2 = n0, n3 = n0;
  for (; height > 0; height--, corner += rowBytes) {
    for (let k = 0, p = corner; k < width; k++, p += columnBytes) {
      const v0 = v128.load(p), v1 = v128.load(p, 16), v2 = v128.load(p, 32), v3 = v128.load(p, 48);
      m0 = f32x4.pmax(m0, v0); n0 = v128.or(n0, f32x4.ne(v0, v0));
      m1 = f32x4.pmax(m1, v1); n1 = v128.or(n1, f32x4.ne(v1, v1));
      m2 = f32x4.pmax(m2, v2); n2 = v128.or(n2, f32x4.ne(v2, v2));
      m3 = f32x4.pmax(m3, v3); n3 = v128.or(n3, f32x4.ne(v3, v3));
    }
  }
  v128.store(to, v128.or(m0, n0));
  v128.store(to, v128.or(m1, n1), 16);
  v128.store(to, v128.or(m2, n2), 32);
  v128.store(to, v128.or(m3, n3), 48);
}

function largest4(corner: usize, to: usize, height: i32, width: i32, rowBytes: usize, columnBytes: usize): void {
  let m = v128.load(corner);
  let n = f32x4.splat(0);
  for (; height > 0; height--, corner += rowBytes) {
    for (let k = 0, p = corner; k < width; k++, p += columnBytes) {
      const v = v128.load(p);
      m = f32x4.pmax(m, v);
      n = v128.or(n, f32x4.ne(v, v));
    }
  }
  v128.store(to, v128.or(m, n));
}
