// Natural logarithm of four numbers at once; the polynomial is that of Cephes' logf.
import { madd } from './simd';

/** log, within 2 ulp of the larger of 1 and the result; log 0 = -Infinity, of negative numbers NaN, NaN stays NaN. */
export function log4(v: v128): v128 {
  // Subnormal numbers count as the smallest normal one.
  const x = f32x4.max(v, f32x4.splat(1.17549435e-38));
  // x = m * 2^e with m in [sqrt 1/2, sqrt 2).
  const shifted = i32x4.sub(x, i32x4.splat(0x3f3504f3));
  const e = f32x4.convert_i32x4_s(i32x4.shr_s(shifted, 23));
  const m = i32x4.add(v128.and(shifted, i32x4.splat(0x007fffff)), i32x4.splat(0x3f3504f3));
  const r = f32x4.sub(m, f32x4.splat(1));
  const square = f32x4.mul(r, r);
  let p = madd(f32x4.splat(7.0376836292e-2), r, f32x4.splat(-1.1514610310e-1));
  p = madd(p, r, f32x4.splat(1.1676998740e-1));
  p = madd(p, r, f32x4.splat(-1.2420140846e-1));
  p = madd(p, r, f32x4.splat(1.4249322787e-1));
  p = madd(p, r, f32x4.splat(-1.6668057665e-1));
  p = madd(p, r, f32x4.splat(2.0000714765e-1));
  p = madd(p, r, f32x4.splat(-2.4999993993e-1));
  p = madd(p, r, f32x4.splat(3.3333331174e-1));
  p = f32x4.mul(f32x4.mul(p, r), square);
  p = madd(e, f32x4.splat(-2.12194440e-4), p);
  p = madd(square, f32x4.splat(-0.5), p);
  const result = madd(e, f32x4.splat(0.693359375), f32x4.add(r, p));
  const infinity = f32x4.splat(Infinity);
  const finite = v128.bitselect(f32x4.neg(infinity), result, f32x4.eq(v, f32x4.splat(0)));
  const positive = v128.bitselect(v, finite, v128.or(f32x4.eq(v, infinity), f32x4.ne(v, v)));
  return v128.or(positive, f32x4.lt(v, f32x4.splat(0)));
}
