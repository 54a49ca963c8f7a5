// Max pooling, backward. x, dx [batch, inHeight, inWidth, channels]; y, dy [batch, outHeight, outWidth, channels].
// dy goes to the first element of the window that equals y; what is handed out is taken from dy, so that
// nothing is left for the next one. NaN equals nothing and is looked for where y is NaN. Where channels are
// no multiple of 4, the last vector reaches back over channels already done; fewer than 4 go one by one.
import { PoolShape, columnTable, countOf, firstOf, rowTable } from '../../backends/wasm-cnn/asm/pool';

/** The first place of NaN or of the value itself. */
// @ts-ignore: decorator
@inline function isMaximum(value: v128, y: v128): v128 {
  return v128.or(f32x4.eq(value, y), f32x4.ne(value, value));
}

/**
 * Windows of 2x2 side by side: every input belongs to at most one, so dx is written, not added to.
 * One piece takes output rows begin..end of batch * outHeight, each with its two input rows; what no
 * window covers at the right and the bottom becomes 0.
 */
export function maxPoolDxTiles(begin: i32, end: i32, dy: usize, x: usize, y: usize, dx: usize, shape: usize): void {
  const s = changetype<PoolShape>(shape);
  const pixel = <usize>s.channels << 2;
  const line = <usize>s.inWidth * pixel;
  const covered = <usize>s.outWidth * pixel * 2;
  const toX = x - dx;
  let b = begin / s.outHeight;
  let oy = begin - b * s.outHeight;
  let from = dy + <usize>(begin * s.outWidth) * pixel;
  for (let row = begin; row < end; row++) {
    const top = dx + <usize>(b * s.inHeight + 2 * oy) * line;
    for (let p = top, until = top + covered; p < until; p += 2 * pixel, from += pixel) {
      if (s.channels < 4) {
        for (let c: usize = 0; c < pixel; c += 4) giveToOneOfFour1(p + c, from + c, y - dy, toX, pixel, line);
      } else {
        giveToOneOfFour(p, from, y - dy, toX, pixel, line);
      }
    }
    if (covered < line) {
      memory.fill(top + covered, 0, line - covered);
      memory.fill(top + line + covered, 0, line - covered);
    }
    if (++oy == s.outHeight) {
      const below = <usize>(s.inHeight - 2 * oy);
      if (below > 0) memory.fill(top + 2 * line, 0, below * line);
      oy = 0;
      b++;
    }
  }
}

/** `corner` points into dx; x and y lie at fixed distances from dx and dy. */
// @ts-ignore: decorator
@inline function giveToOneOfFour(corner: usize, dy: usize, toY: usize, toX: usize, pixel: usize, line: usize): void {
  for (let c: usize = 0; c < pixel; c += 16) {
    const at = min(c, pixel - 16);
    const p = corner + at, q = p + line;
    const m = v128.load(dy + at + toY);
    const v0 = v128.load(p + toX), v1 = v128.load(p + pixel + toX), v2 = v128.load(q + toX);
    let h0 = f32x4.eq(v0, m), h1 = f32x4.eq(v1, m), h2 = f32x4.eq(v2, m);
    if (v128.any_true(f32x4.ne(m, m))) {
      h0 = isMaximum(v0, m);
      h1 = isMaximum(v1, m);
      h2 = isMaximum(v2, m);
    }
    let g = v128.load(dy + at);
    v128.store(p, v128.and(g, h0));
    g = v128.andnot(g, h0);
    v128.store(p + pixel, v128.and(g, h1));
    g = v128.andnot(g, h1);
    v128.store(q, v128.and(g, h2));
    v128.store(q + pixel, v128.andnot(g, h2));
  }
}

// @ts-ignore: decorator
@inline function giveToOneOfFour1(p: usize, dy: usize, toY: usize, toX: usize, pixel: usize, line: usize): void {
  const largest = load<f32>(dy + toY);
  const q = p + line;
  let g = load<f32>(dy);
  g = giveOnce(p, load<f32>(p + toX), largest, g);
  g = giveOnce(p + pixel, load<f32>(p + pixel + toX), largest, g);
  g = giveOnce(q, load<f32>(q + toX), largest, g);
  store<f32>(q + pixel, g);
}

/** Stores g if this is the maximum, else 0; returns what is left of g. */
// @ts-ignore: decorator
@inline function giveOnce(p: usize, value: f32, largest: f32, g: f32): f32 {
  const hit = value == largest || value != value;
  store<f32>(p, hit ? g : 0);
  return hit ? 0 : g;
}

/**
 * Any windows. One piece owns input rows begin..end of batch * inHeight: it goes through all windows
 * that reach into them and writes to its own rows only.
 */
export function maxPoolDx(begin: i32, end: i32, dy: usize, x: usize, y: usize, dx: usize, shape: usize): void {
  const s = changetype<PoolShape>(shape);
  const rows = rowTable(shape), columns = columnTable(shape);
  const pixel = <usize>s.channels << 2;
  const line = <usize>s.inWidth * pixel;
  const rowBytes = <usize>s.rowStep * line, columnBytes = <usize>s.columnStep * pixel;
  const toX = x - dx, toY = y - dy;
  memory.fill(dx + <usize>begin * line, 0, <usize>(end - begin) * line);
  while (begin < end) {
    const b = begin / s.inHeight;
    const top = begin - b * s.inHeight;
    const bottom = min(s.inHeight, top + end - begin);
    const picture = dx + <usize>(b * s.inHeight) * line;
    const low = picture + <usize>top * line, high = picture + <usize>bottom * line;
    for (let oy = 0; oy < s.outHeight; oy++) {
      const first = firstOf(rows, oy), height = countOf(rows, oy);
      if (first + (height - 1) * s.rowStep < top || first >= bottom) continue;
      let from = dy + <usize>((b * s.outHeight + oy) * s.outWidth) * pixel;
      for (let ox = 0; ox < s.outWidth; ox++, from += pixel) {
        const corner = picture + <usize>first * line + <usize>firstOf(columns, ox) * pixel;
        const width = countOf(columns, ox);
        let c: usize = 0;
        if (s.channels < 4) {
          for (; c < pixel; c += 4) give1(corner + c, from + c, toX, toY, height, width, rowBytes, columnBytes, low, high);
          continue;
        }
        for (; c + 64 <= pixel; c += 64) give16(corner + c, from + c, toX, toY, height, width, rowBytes, columnBytes, low, high);
        for (; c < pixel; c += 16) {
          const at = min(c, pixel - 16);
          give4(corner + at, from + at, <i32>(c - at) >> 2, toX, toY, height, width, rowBytes, columnBytes, low, high);
        }
      }
    }
    begin += bottom - top;
  }
}

/** dx[p] += what of g belongs there; returns the rest of g. */
// @ts-ignore: decorator
@inline function give(p: usize, hit: v128, g: v128, offset: usize): v128 {
  v128.store(p + offset, f32x4.add(v128.load(p + offset), v128.and(g, hit)));
  return v128.andnot(g, hit);
}

function give16(corner: usize, dy: usize, toX: usize, toY: usize, height: i32, width: i32, rowBytes: usize, columnBytes: usize,
  low: usize, high: usize): void {
  const y = dy + toY;
  const m0 = v128.load(y), m1 = v128.load(y, 16), m2 = v128.load(y, 32), m3 = v128.load(y, 48);
  const nan = v128.or(v128.or(f32x4.ne(m0, m0), f32x4.ne(m1, m1)), v128.or(f32x4.ne(m2, m2), f32x4.ne(m3, m3)));
  if (v128.any_true(nan)) {
    for (let c: usize = 0; c < 64; c += 16) {
      give4(corner + c, dy + c, 0, toX, toY, height, width, rowBytes, columnBytes, low, high);
    }
    return;
  }
  let g0 = v128.load(dy), g1 = v128.load(dy, 16), g2 = v128.load(dy, 32), g3 = v128.load(dy, 48);
  for (; height > 0; height--, corner += rowBytes) {
    const own = corner >= low && corner < high;
    for (let k = 0, p = corner; k < width; k++, p += columnBytes) {
      const q = p + toX;
      const h0 = f32x4.eq(v128.load(q), m0), h1 = f32x4.eq(v128.load(q, 16), m1);
      const h2 = f32x4.eq(v128.load(q, 32), m2), h3 = f32x4.eq(v128.load(q, 48), m3);
      if (own) {
        g0 = give(p, h0, g0, 0);
        g1 = give(p, h1, g1, 16);
        g2 = give(p, h2, g2, 32);
        g3 = give(p, h3, g3, 48);
      } else {
        g0 = v128.andnot(g0, h0);
        g1 = v128.andnot(g1, h1);
        g2 = v128.andnot(g2, h2);
        g3 = v128.andnot(g3, h3);
      }
    }
  }
}

/** Four channels, of which the first `done` had their share already. */
function give4(corner: usize, dy: usize, done: i32, toX: usize, toY: usize, height: i32, width: i32,
  rowBytes: usize, columnBytes: usize, low: usize, high: usize): void {
  const m = v128.load(dy + toY);
  let g = v128.and(v128.load(dy), i32x4.ge_s(i32x4(0, 1, 2, 3), i32x4.splat(done)));
  for (; height > 0; height--, corner += rowBytes) {
    const own = corner >= low && corner < high;
    for (let k = 0, p = corner; k < width; k++, p += columnBytes) {
      const hit = isMaximum(v128.load(p + toX), m);
      if (own) g = give(p, hit, g, 0);
      else g = v128.andnot(g, hit);
    }
  }
}

function give1(corner: usize, dy: usize, toX: usize, toY: usize, height: i32, width: i32, rowBytes: usize, columnBytes: usize,
  low: usize, high: usize): void {
  const largest = load<f32>(dy + toY);
  for (; height > 0; height--, corner += rowBytes) {
    for (let k = 0, p = corner; k < width; k++, p += columnBytes) {
      const value = load<f32>(p + toX);
      if (value == largest || value != value) {
        if (corner >= low && corner < high) store<f32>(p, load<f32>(p) + load<f32>(dy));
        return;
      }
    }
  }
}
