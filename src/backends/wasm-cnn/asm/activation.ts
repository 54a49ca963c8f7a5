// Activations on four numbers at once. pmin and pmax are one instruction each, where min and max are many; with
// the number that may be NaN in front they keep it.
import { madd } from './simd';

/** (exp(r) - 1 - r) / r^2 on [-0.35, 0.35], relative error 3e-9. */
// @ts-ignore: decorator
@inline function expTail(r: v128): v128 {
  let q = madd(f32x4.splat(0.00019891981), r, f32x4.splat(0.0013934542));
  q = madd(q, r, f32x4.splat(0.0083333100));
  q = madd(q, r, f32x4.splat(0.041666457));
  q = madd(q, r, f32x4.splat(0.16666667));
  return madd(q, r, f32x4.splat(0.5));
}

/** Added to a number below 2^22, it leaves the nearest integer in the last bits; taken away again, the integer is left. */
const SHIFTER: f32 = 12582912;

/** x - n ln 2: the first part of ln 2 has nine bits, so that its product with n is exact. */
// @ts-ignore: decorator
@inline function reduce(x: v128, n: v128): v128 {
  const r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)));
  return madd(n, f32x4.splat(2.12194440e-4), r);
}

/** 2^i for i in [-126, 127]. */
// @ts-ignore: decorator
@inline function powerOfTwo(i: v128): v128 {
  return i32x4.shl(i32x4.add(i, i32x4.splat(127)), 23);
}

/** exp, within 2 ulp; overflows to infinity, underflows through the subnormals to 0, NaN stays NaN. */
// @ts-ignore: decorator
@inline export function exp4(v: v128): v128 {
  const x = f32x4.pmin(f32x4.pmax(v, f32x4.splat(-104)), f32x4.splat(89));
  const shifted = madd(x, f32x4.splat(1.44269504), f32x4.splat(SHIFTER));
  const r = reduce(x, f32x4.sub(shifted, f32x4.splat(SHIFTER)));
  const p = f32x4.add(madd(f32x4.mul(r, r), expTail(r), r), f32x4.splat(1));
  // In two factors, so that neither leaves the range of the exponent.
  const i = i32x4.sub(shifted, f32x4.splat(SHIFTER));
  const half = i32x4.shr_s(i, 1);
  return f32x4.mul(f32x4.mul(p, powerOfTwo(half)), powerOfTwo(i32x4.sub(i, half)));
}

/** exp(v) - 1 for v <= 0, within 2 ulp also where v is near 0. */
// @ts-ignore: decorator
@inline export function expm1Negative4(v: v128): v128 {
  const x = f32x4.pmax(v, f32x4.splat(-30)); // from -18 on it is -1 in float32
  const shifted = madd(x, f32x4.splat(1.44269504), f32x4.splat(SHIFTER));
  const r = reduce(x, f32x4.sub(shifted, f32x4.splat(SHIFTER)));
  const power = powerOfTwo(i32x4.sub(shifted, f32x4.splat(SHIFTER)));
  const small = madd(f32x4.mul(r, r), expTail(r), r);
  return madd(power, small, f32x4.sub(power, f32x4.splat(1)));
}

/** 1 / (1 + exp(-v)), with the exponential of -|v|, which cannot overflow. */
// @ts-ignore: decorator
@inline export function sigmoid4(v: v128): v128 {
  const e = exp4(f32x4.neg(f32x4.abs(v)));
  const one = f32x4.splat(1);
  return f32x4.div(v128.bitselect(one, e, f32x4.ge(v, f32x4.splat(0))), f32x4.add(one, e));
}

/** tanh |v| = -m / (m + 2) with m = exp(-2 |v|) - 1. */
// @ts-ignore: decorator
@inline export function tanh4(v: v128): v128 {
  const m = expm1Negative4(f32x4.mul(f32x4.abs(v), f32x4.splat(-2)));
  const t = f32x4.div(f32x4.abs(m), f32x4.add(m, f32x4.splat(2)));
  return v128.bitselect(v, t, i32x4.splat(i32.MIN_VALUE));
}

/** v where v > 0, else alpha (exp(v) - 1). */
// @ts-ignore: decorator
@inline export function elu4(v: v128, alpha: v128): v128 {
  const zero = f32x4.splat(0);
  const below = f32x4.mul(alpha, expm1Negative4(f32x4.pmin(v, zero)));
  return v128.bitselect(v, below, f32x4.gt(v, zero));
}

/** What conv, dense and batchNorm apply to their results; `kind` is activationCode of functions.ts. NaN stays NaN. */
// @ts-ignore: decorator
@inline export function applyActivation(v: v128, kind: i32): v128 {
  if (kind == 0) return v;
  if (kind == 1) return f32x4.pmax(v, f32x4.splat(0));
  if (kind == 2) return f32x4.pmin(f32x4.pmax(v, f32x4.splat(0)), f32x4.splat(6));
  return curvedActivation(v, kind);
}

/** Called, not inlined: many kernels apply it to a few numbers at their end. */
function curvedActivation(v: v128, kind: i32): v128 {
  if (kind == 3) return elu4(v, f32x4.splat(1));
  if (kind == 4) return sigmoid4(v);
  return tanh4(v);
}
