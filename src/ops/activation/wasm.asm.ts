// y = act(x) and dx = dy act'(...), four numbers at a time. `kind` is activationCode of functions.ts.
// One piece works on [begin, end) of the elements.
import { madd } from '../../backends/wasm-cnn/asm/simd';
import { applyActivation, elu4, exp4, expm1Negative4, sigmoid4, tanh4 } from '../../backends/wasm-cnn/asm/activation';
import { loadTail, storeTail } from '../../backends/wasm-cnn/asm/tail';

const SELU_SCALE: f32 = 1.0507009873554805;
const SELU_ALPHA: f32 = 1.6732632423543772;

/** log(1 + e) / e on [0, 1], relative error 4e-8. */
// @ts-ignore: decorator
@inline function log1pQuotient(e: v128): v128 {
  let q = madd(f32x4.splat(0.0051261021), e, f32x4.splat(-0.029074065));
  q = madd(q, e, f32x4.splat(0.077516087));
  q = madd(q, e, f32x4.splat(-0.13602248));
  q = madd(q, e, f32x4.splat(0.19076881));
  q = madd(q, e, f32x4.splat(-0.24835399));
  q = madd(q, e, f32x4.splat(0.33318122));
  q = madd(q, e, f32x4.splat(-0.49999445));
  return madd(q, e, f32x4.splat(0.99999997));
}

/**
 * The normal distribution's Phi(x), given e = exp(-x^2 / 2). With z = |x| / sqrt 2 and t = 1 / (1 + 0.35 z),
 * erfc(z) = e t P(t); P has a relative error of 1e-8, so the tail at negative x keeps its digits.
 */
// @ts-ignore: decorator
@inline function normal4(x: v128, e: v128): v128 {
  const one = f32x4.splat(1);
  const t = f32x4.div(one, madd(f32x4.abs(x), f32x4.splat(0.24748737), one));
  let p = madd(f32x4.splat(0.018327364), t, f32x4.splat(-0.074771768));
  p = madd(p, t, f32x4.splat(0.079820607));
  p = madd(p, t, f32x4.splat(0.00052280675));
  p = madd(p, t, f32x4.splat(0.031702555));
  p = madd(p, t, f32x4.splat(0.079277345));
  p = madd(p, t, f32x4.splat(0.073457890));
  p = madd(p, t, f32x4.splat(0.094403199));
  p = madd(p, t, f32x4.splat(0.098515369));
  p = madd(p, t, f32x4.splat(0.098744633));
  const tail = f32x4.mul(f32x4.mul(e, t), p);
  return v128.bitselect(f32x4.sub(one, tail), tail, f32x4.gt(x, f32x4.splat(0)));
}

// @ts-ignore: decorator
@inline function exponentOfNormal(x: v128): v128 {
  return exp4(f32x4.mul(f32x4.mul(x, f32x4.splat(-0.5)), x));
}

/** 2 sqrt(2 / pi) (x + 0.044715 x^3): gelu's tanh form is x sigmoid of it. */
// @ts-ignore: decorator
@inline function geluCubic(x: v128): v128 {
  return f32x4.mul(x, madd(f32x4.mul(x, x), f32x4.splat(0.071354816), f32x4.splat(1.5957691)));
}

// @ts-ignore: decorator
@inline function clamp(v: v128, low: f32, high: f32): v128 {
  return f32x4.pmin(f32x4.pmax(v, f32x4.splat(low)), f32x4.splat(high));
}

// @ts-ignore: decorator
@inline function activate(v: v128, kind: i32, alpha: v128): v128 {
  const zero = f32x4.splat(0);
  if (kind == 3) return elu4(v, alpha);
  if (kind == 4) return sigmoid4(v);
  if (kind == 5) return tanh4(v);
  if (kind == 6) return v128.bitselect(v, f32x4.mul(v, alpha), f32x4.gt(v, zero));
  if (kind == 7) return f32x4.mul(elu4(v, f32x4.splat(SELU_ALPHA)), f32x4.splat(SELU_SCALE));
  if (kind == 8) {
    const e = exp4(f32x4.neg(f32x4.abs(v)));
    return madd(e, log1pQuotient(e), f32x4.pmax(v, zero));
  }
  if (kind == 9) return f32x4.mul(clamp(f32x4.add(v, f32x4.splat(3)), 0, 6), f32x4.splat(1.0 / 6.0));
  if (kind == 10) return f32x4.mul(v, normal4(v, exponentOfNormal(v)));
  if (kind == 11) return f32x4.mul(v, sigmoid4(geluCubic(v)));
  if (kind == 12) return f32x4.mul(v, sigmoid4(v));
  if (kind == 13) return f32x4.mul(v, f32x4.mul(clamp(f32x4.add(v, f32x4.splat(3)), 0, 6), f32x4.splat(1.0 / 6.0)));
  if (kind == 14) {
    // tanh(log(1 + e)) = m / (m + 2) with m = e (e + 2); beyond 20 it is 1.
    const e = exp4(f32x4.pmin(v, f32x4.splat(20)));
    const m = f32x4.mul(e, f32x4.add(e, f32x4.splat(2)));
    return f32x4.mul(v, f32x4.div(m, f32x4.add(m, f32x4.splat(2))));
  }
  return applyActivation(v, kind);
}

/** dy times the slope; `v` is y where the slope follows from it (kinds up to 9), else x. NaN lets dy through. */
// @ts-ignore: decorator
@inline function pullBack(dy: v128, v: v128, kind: i32, alpha: v128): v128 {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const below = f32x4.le(v, zero);
  if (kind == 1) return v128.andnot(dy, below);
  if (kind == 2) return v128.andnot(dy, v128.or(below, f32x4.ge(v, f32x4.splat(6))));
  if (kind == 3) return v128.bitselect(f32x4.mul(dy, f32x4.add(v, alpha)), dy, below);
  if (kind == 4) return f32x4.mul(dy, f32x4.mul(v, f32x4.sub(one, v)));
  if (kind == 5) return f32x4.mul(dy, f32x4.sub(one, f32x4.mul(v, v)));
  if (kind == 6) return v128.bitselect(f32x4.mul(dy, alpha), dy, below);
  if (kind == 7) {
    const scale = f32x4.splat(SELU_SCALE);
    return f32x4.mul(dy, v128.bitselect(f32x4.add(v, f32x4.splat(SELU_SCALE * SELU_ALPHA)), scale, below));
  }
  if (kind == 8) return f32x4.mul(dy, f32x4.neg(expm1Negative4(f32x4.neg(v))));
  if (kind == 9) return v128.andnot(f32x4.mul(dy, f32x4.splat(1.0 / 6.0)), v128.or(below, f32x4.ge(v, one)));
  if (kind == 10) {
    const e = exponentOfNormal(v);
    const slope = madd(f32x4.mul(v, e), f32x4.splat(0.39894228), normal4(v, e));
    return f32x4.mul(dy, slope);
  }
  if (kind == 11) {
    // Beyond 16 the slope is 0 or 1; without the clamp a square would overflow and meet a 0.
    const x = clamp(v, -16, 16);
    const s = sigmoid4(geluCubic(x));
    const slope = madd(f32x4.mul(x, x), f32x4.splat(3 * 0.071354816), f32x4.splat(1.5957691));
    return f32x4.mul(dy, madd(f32x4.mul(x, f32x4.sub(s, f32x4.mul(s, s))), slope, s));
  }
  if (kind == 12) {
    const s = sigmoid4(v);
    return f32x4.mul(dy, f32x4.mul(s, madd(v, f32x4.sub(one, s), one)));
  }
  if (kind == 13) {
    const slope = v128.bitselect(one, madd(v, f32x4.splat(1.0 / 3.0), f32x4.splat(0.5)), f32x4.gt(v, f32x4.splat(3)));
    return v128.andnot(f32x4.mul(dy, slope), f32x4.le(v, f32x4.splat(-3)));
  }
  if (kind == 14) {
    // With n = e (e + 2) + 2: tanh' = 4 (1 + e)^2 / n^2, and softplus' = e / (1 + e).
    const x = f32x4.pmin(v, f32x4.splat(20));
    const e = exp4(x);
    const m = f32x4.mul(e, f32x4.add(e, f32x4.splat(2)));
    const n = f32x4.add(m, f32x4.splat(2));
    const gate = f32x4.div(m, n);
    const rest = f32x4.div(f32x4.mul(f32x4.splat(4), f32x4.mul(e, f32x4.add(e, one))), f32x4.mul(n, n));
    return f32x4.mul(dy, madd(x, rest, gate));
  }
  return dy;
}

/** Any kind, for a few numbers: the ends of arrays, and kinds that are rarely wanted. */
function activateAny(v: v128, kind: i32, alpha: v128): v128 {
  return activate(v, kind, alpha);
}

function pullBackAny(dy: v128, v: v128, kind: i32, alpha: v128): v128 {
  return pullBack(dy, v, kind, alpha);
}

// With a constant kind, only that kind's code is left of the loop. They return where whole vectors end.

// @ts-ignore: decorator
@inline function forwardLoop(kind: i32, at: usize, stop: usize, x: usize, y: usize, alpha: v128): usize {
  for (; at + 16 <= stop; at += 16) v128.store(y + at, activate(v128.load(x + at), kind, alpha));
  return at;
}

// @ts-ignore: decorator
@inline function backwardLoop(kind: i32, at: usize, stop: usize, dy: usize, seen: usize, dx: usize, alpha: v128): usize {
  for (; at + 16 <= stop; at += 16) v128.store(dx + at, pullBack(v128.load(dy + at), v128.load(seen + at), kind, alpha));
  return at;
}

/** y[i] = act(x[i]). */
export function activationForward(begin: i32, end: i32, x: usize, y: usize, kind: i32, alphaValue: f32): void {
  const alpha = f32x4.splat(alphaValue);
  const stop = (<usize>end) << 2;
  let at = (<usize>begin) << 2;
  if (kind == 1) at = forwardLoop(1, at, stop, x, y, alpha);
  else if (kind == 2) at = forwardLoop(2, at, stop, x, y, alpha);
  else if (kind == 4) at = forwardLoop(4, at, stop, x, y, alpha);
  else if (kind == 5) at = forwardLoop(5, at, stop, x, y, alpha);
  else if (kind == 6) at = forwardLoop(6, at, stop, x, y, alpha);
  else if (kind == 10) at = forwardLoop(10, at, stop, x, y, alpha);
  else if (kind == 12) at = forwardLoop(12, at, stop, x, y, alpha);
  else if (kind == 13) at = forwardLoop(13, at, stop, x, y, alpha);
  else for (; at + 16 <= stop; at += 16) v128.store(y + at, activateAny(v128.load(x + at), kind, alpha));
  const rest = <i32>((stop - at) >> 2);
  if (rest) storeTail(y + at, activateAny(loadTail(x + at, rest), kind, alpha), rest);
}

/** dx[i] = dy[i] act'(seen[i]); seen is y or x, see pullBack. */
export function activationGradient(
  begin: i32, end: i32, dy: usize, seen: usize, dx: usize, kind: i32, alphaValue: f32,
): void {
  const alpha = f32x4.splat(alphaValue);
  const stop = (<usize>end) << 2;
  let at = (<usize>begin) << 2;
  if (kind == 1) at = backwardLoop(1, at, stop, dy, seen, dx, alpha);
  else if (kind == 2) at = backwardLoop(2, at, stop, dy, seen, dx, alpha);
  else if (kind == 4) at = backwardLoop(4, at, stop, dy, seen, dx, alpha);
  else if (kind == 5) at = backwardLoop(5, at, stop, dy, seen, dx, alpha);
  else if (kind == 6) at = backwardLoop(6, at, stop, dy, seen, dx, alpha);
  else if (kind == 10) at = backwardLoop(10, at, stop, dy, seen, dx, alpha);
  else if (kind == 12) at = backwardLoop(12, at, stop, dy, seen, dx, alpha);
  else if (kind == 13) at = backwardLoop(13, at, stop, dy, seen, dx, alpha);
  else {
    for (; at + 16 <= stop; at += 16) {
      v128.store(dx + at, pullBackAny(v128.load(dy + at), v128.load(seen + at), kind, alpha));
    }
  }
  const rest = <i32>((stop - at) >> 2);
  if (rest) storeTail(dx + at, pullBackAny(loadTail(dy + at, rest), loadTail(seen + at, rest), kind, alpha), rest);
}

/** The same, alpha 1, of the first `width` numbers of rows [begin, end) that lie `step` bytes apart; dx without gaps. */
export function activationGradientRows(
  begin: i32, end: i32, dy: usize, seen: usize, step: usize, dx: usize, width: i32, kind: i32,
): void {
  if (kind == 1) gradientRows(1, begin, end, dy, seen, step, dx, width);
  else gradientRows(kind, begin, end, dy, seen, step, dx, width);
}

// @ts-ignore: decorator
@inline function gradientRows(kind: i32, begin: i32, end: i32, dy: usize, seen: usize, step: usize, dx: usize, width: i32): void {
  const alpha = f32x4.splat(1), whole = <usize>(width & ~3) << 2, rest = width & 3;
  dy += <usize>begin * step;
  seen += <usize>begin * step;
  dx += <usize>(begin * width) << 2;
  for (let row = begin; row < end; row++, dy += step, seen += step, dx += <usize>width << 2) {
    let from = dy, by = seen, to = dx;
    for (const stop = dy + whole; from < stop; from += 16, by += 16, to += 16) {
      const d = v128.load(from), v = v128.load(by);
      v128.store(to, kind == 1 ? pullBack(d, v, 1, alpha) : pullBackAny(d, v, kind, alpha));
    }
    if (rest) {
      storeTail(dx + whole, pullBackAny(loadTail(dy + whole, rest), loadTail(seen + whole, rest), kind, alpha), rest);
    }
  }
}
