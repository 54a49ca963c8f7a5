// Sums down the columns of a few neighbouring wide rows, added to what lies in memory. Rows are read from their
// beginning to their end, all at a time: so the processor fetches ahead, which it does not down a column.
import { madd } from '../../backends/wasm-cnn/asm/simd';

// @ts-ignore: decorator
@inline function four(a: v128, b: v128, c: v128, d: v128): v128 {
  return f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
}

// @ts-ignore: decorator
@inline function addTo(sum: usize, value: v128): void {
  v128.store(sum, f32x4.add(v128.load(sum), value));
}

/** sums += the row at x. */
export function batchNormSumRow(x: usize, step: usize, sums: usize): void {
  for (let at: usize = 0; at < step; at += 16) addTo(sums + at, v128.load(x + at));
}

/** sums += x - pivot, squares += (x - pivot)^2, of the four rows at x. */
export function batchNormSpreadRows4(x: usize, step: usize, pivot: usize, sums: usize, squares: usize): void {
  const x1 = x + step, x2 = x1 + step, x3 = x2 + step;
  for (let at: usize = 0; at < step; at += 16) {
    const p = v128.load(pivot + at);
    const a = f32x4.sub(v128.load(x + at), p), b = f32x4.sub(v128.load(x1 + at), p);
    const c = f32x4.sub(v128.load(x2 + at), p), d = f32x4.sub(v128.load(x3 + at), p);
    addTo(sums + at, four(a, b, c, d));
    addTo(squares + at, f32x4.add(madd(a, a, f32x4.mul(b, b)), madd(c, c, f32x4.mul(d, d))));
  }
}

/** The same of one row. */
export function batchNormSpreadRow(x: usize, step: usize, pivot: usize, sums: usize, squares: usize): void {
  for (let at: usize = 0; at < step; at += 16) {
    const a = f32x4.sub(v128.load(x + at), v128.load(pivot + at));
    addTo(sums + at, a);
    addTo(squares + at, f32x4.mul(a, a));
  }
}

/** dy, but 0 where relu stopped y = v scale + offset. */
// @ts-ignore: decorator
@inline function passed(dy: v128, v: v128, scale: v128, offset: v128): v128 {
  return v128.andnot(dy, f32x4.le(madd(v, scale, offset), f32x4.splat(0)));
}

/** plain += dz, weighted += dz (x - mean), of the four rows at dy and x; mean, scale and offset lie `step` bytes apart. */
export function batchNormGradientRows4(
  dy: usize, x: usize, step: usize, mean: usize, relu: i32, plain: usize, weighted: usize,
): void {
  const x1 = x + step, x2 = x1 + step, x3 = x2 + step, dy1 = dy + step, dy2 = dy1 + step, dy3 = dy2 + step;
  if (relu) {
    for (let at: usize = 0; at < step; at += 16) {
      const m = v128.load(mean + at), scale = v128.load(mean + step + at), offset = v128.load(mean + 2 * step + at);
      const a = f32x4.sub(v128.load(x + at), m), b = f32x4.sub(v128.load(x1 + at), m);
      const c = f32x4.sub(v128.load(x2 + at), m), d = f32x4.sub(v128.load(x3 + at), m);
      const da = passed(v128.load(dy + at), a, scale, offset), db = passed(v128.load(dy1 + at), b, scale, offset);
      const dc = passed(v128.load(dy2 + at), c, scale, offset), dd = passed(v128.load(dy3 + at), d, scale, offset);
      addTo(plain + at, four(da, db, dc, dd));
      addTo(weighted + at, f32x4.add(madd(a, da, f32x4.mul(b, db)), madd(c, dc, f32x4.mul(d, dd))));
    }
    return;
  }
  for (let at: usize = 0; at < step; at += 16) {
    const m = v128.load(mean + at);
    const a = f32x4.sub(v128.load(x + at), m), b = f32x4.sub(v128.load(x1 + at), m);
    const c = f32x4.sub(v128.load(x2 + at), m), d = f32x4.sub(v128.load(x3 + at), m);
    const da = v128.load(dy + at), db = v128.load(dy1 + at), dc = v128.load(dy2 + at), dd = v128.load(dy3 + at);
    addTo(plain + at, four(da, db, dc, dd));
    addTo(weighted + at, f32x4.add(madd(a, da, f32x4.mul(b, db)), madd(c, dc, f32x4.mul(d, dd))));
  }
}

/** The same of one row. */
export function batchNormGradientRow(
  dy: usize, x: usize, step: usize, mean: usize, relu: i32, plain: usize, weighted: usize,
): void {
  for (let at: usize = 0; at < step; at += 16) {
    const v = f32x4.sub(v128.load(x + at), v128.load(mean + at));
    let dz = v128.load(dy + at);
    if (relu) dz = passed(dz, v, v128.load(mean + step + at), v128.load(mean + 2 * step + at));
    addTo(plain + at, dz);
    addTo(weighted + at, f32x4.mul(dz, v));
  }
}
