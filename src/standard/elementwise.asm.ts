// tfjs's elementwise kernels that optimizers and layers lean on. y = a op b, where b is as long as a, one
// number, or a row that repeats ([.., n] op [n]); `swap` computes b op a.

const ADD = 0;
const SUB = 1;
const MULTIPLY = 2;
const DIVIDE = 3;
const MAXIMUM = 4;
const MINIMUM = 5;
const SQUARED_DIFFERENCE = 6;

// @ts-ignore: decorator
@inline function apply(kind: i32, a: v128, b: v128): v128 {
  if (kind == ADD) return f32x4.add(a, b);
  if (kind == SUB) return f32x4.sub(a, b);
  if (kind == MULTIPLY) return f32x4.mul(a, b);
  if (kind == DIVIDE) return f32x4.div(a, b);
  if (kind == MAXIMUM) return f32x4.max(a, b);
  if (kind == MINIMUM) return f32x4.min(a, b);
  const d = f32x4.sub(a, b);
  return f32x4.mul(d, d);
}

// @ts-ignore: decorator
@inline function applyOne(kind: i32, a: f32, b: f32): f32 {
  return f32x4.extract_lane(apply(kind, f32x4.splat(a), f32x4.splat(b)), 0);
}

// The kind is a constant in each of these loops, so the choice is made once, not per element.
// @ts-ignore: decorator
@inline function sameShape(kind: i32, begin: i32, end: i32, a: usize, b: usize, y: usize): void {
  let at = <usize>begin << 2;
  const stop = <usize>end << 2;
  for (; at + 16 <= stop; at += 16) v128.store(y + at, apply(kind, v128.load(a + at), v128.load(b + at)));
  for (; at < stop; at += 4) store<f32>(y + at, applyOne(kind, load<f32>(a + at), load<f32>(b + at)));
}

// @ts-ignore: decorator
@inline function withScalar(kind: i32, swap: bool, begin: i32, end: i32, a: usize, b: f32, y: usize): void {
  let at = <usize>begin << 2;
  const stop = <usize>end << 2;
  const bs = f32x4.splat(b);
  for (; at + 16 <= stop; at += 16) {
    const v = v128.load(a + at);
    v128.store(y + at, swap ? apply(kind, bs, v) : apply(kind, v, bs));
  }
  for (; at < stop; at += 4) {
    const v = load<f32>(a + at);
    store<f32>(y + at, swap ? applyOne(kind, b, v) : applyOne(kind, v, b));
  }
}

/** y[i] = a[i] op b[i] for elements [begin, end). */
export function binarySame(begin: i32, end: i32, kind: i32, a: usize, b: usize, y: usize): void {
  if (kind == ADD) sameShape(ADD, begin, end, a, b, y);
  else if (kind == SUB) sameShape(SUB, begin, end, a, b, y);
  else if (kind == MULTIPLY) sameShape(MULTIPLY, begin, end, a, b, y);
  else if (kind == DIVIDE) sameShape(DIVIDE, begin, end, a, b, y);
  else if (kind == MAXIMUM) sameShape(MAXIMUM, begin, end, a, b, y);
  else if (kind == MINIMUM) sameShape(MINIMUM, begin, end, a, b, y);
  else sameShape(SQUARED_DIFFERENCE, begin, end, a, b, y);
}

/** y[i] = a[i] op b, or b op a[i], for elements [begin, end); b is one number in memory. */
export function binaryScalar(begin: i32, end: i32, kind: i32, swap: i32, a: usize, b: usize, y: usize): void {
  const value = load<f32>(b);
  if (kind == ADD) withScalar(ADD, false, begin, end, a, value, y);
  else if (kind == SUB) {
    if (swap) withScalar(SUB, true, begin, end, a, value, y);
    else withScalar(SUB, false, begin, end, a, value, y);
  } else if (kind == MULTIPLY) withScalar(MULTIPLY, false, begin, end, a, value, y);
  else if (kind == DIVIDE) {
    if (swap) withScalar(DIVIDE, true, begin, end, a, value, y);
    else withScalar(DIVIDE, false, begin, end, a, value, y);
  } else if (kind == MAXIMUM) withScalar(MAXIMUM, false, begin, end, a, value, y);
  else if (kind == MINIMUM) withScalar(MINIMUM, false, begin, end, a, value, y);
  else withScalar(SQUARED_DIFFERENCE, false, begin, end, a, value, y);
}

/** y[r, i] = a[r, i] op b[i], or b[i] op a[r, i], for rows [begin, end) of `width` elements. */
export function binaryRow(begin: i32, end: i32, kind: i32, swap: i32, width: i32, a: usize, b: usize, y: usize): void {
  const step = <usize>width << 2;
  for (let r = begin; r < end; r++) {
    const at = <usize>r * step;
    if (swap) binarySame(0, width, kind, b, a + at, y + at);
    else binarySame(0, width, kind, a + at, b, y + at);
  }
}

const SQRT = 0;
const SQUARE = 1;
const NEGATIVE = 2;
const ABSOLUTE = 3;
const STEP = 4;
const RECIPROCAL_SQRT = 5;

// @ts-ignore: decorator
@inline function applyUnary(kind: i32, alpha: f32, v: v128): v128 {
  if (kind == SQRT) return f32x4.sqrt(v);
  if (kind == SQUARE) return f32x4.mul(v, v);
  if (kind == NEGATIVE) return f32x4.neg(v);
  if (kind == ABSOLUTE) return f32x4.abs(v);
  if (kind == RECIPROCAL_SQRT) return f32x4.div(f32x4.splat(1), f32x4.sqrt(v));
  // 1 where v > 0, v where it is not a number, else alpha
  const stepped = v128.bitselect(f32x4.splat(1), f32x4.splat(alpha), f32x4.gt(v, f32x4.splat(0)));
  return v128.bitselect(stepped, v, f32x4.eq(v, v));
}

// @ts-ignore: decorator
@inline function unaryLoop(kind: i32, alpha: f32, begin: i32, end: i32, x: usize, y: usize): void {
  let at = <usize>begin << 2;
  const stop = <usize>end << 2;
  for (; at + 16 <= stop; at += 16) v128.store(y + at, applyUnary(kind, alpha, v128.load(x + at)));
  for (; at < stop; at += 4) store<f32>(y + at, f32x4.extract_lane(applyUnary(kind, alpha, v128.load32_splat(x + at)), 0));
}

/** y[i] = f(x[i]) for elements [begin, end). */
export function unary(begin: i32, end: i32, kind: i32, alpha: f32, x: usize, y: usize): void {
  if (kind == SQRT) unaryLoop(SQRT, alpha, begin, end, x, y);
  else if (kind == SQUARE) unaryLoop(SQUARE, alpha, begin, end, x, y);
  else if (kind == NEGATIVE) unaryLoop(NEGATIVE, alpha, begin, end, x, y);
  else if (kind == ABSOLUTE) unaryLoop(ABSOLUTE, alpha, begin, end, x, y);
  else if (kind == RECIPROCAL_SQRT) unaryLoop(RECIPROCAL_SQRT, alpha, begin, end, x, y);
  else unaryLoop(STEP, alpha, begin, end, x, y);
}

/** y[r] = sum of row r of `width` elements, for rows [begin, end): four strands, so that the error grows slowly. */
export function sumRows(begin: i32, end: i32, width: i32, x: usize, y: usize): void {
  const step = <usize>width << 2;
  for (let r = begin; r < end; r++) {
    let at = x + <usize>r * step;
    const stop = at + step;
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
    for (; at + 64 <= stop; at += 64) {
      s0 = f32x4.add(s0, v128.load(at));
      s1 = f32x4.add(s1, v128.load(at, 16));
      s2 = f32x4.add(s2, v128.load(at, 32));
      s3 = f32x4.add(s3, v128.load(at, 48));
    }
    s0 = f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3));
    let sum = f32x4.extract_lane(s0, 0) + f32x4.extract_lane(s0, 1) + f32x4.extract_lane(s0, 2) + f32x4.extract_lane(s0, 3);
    for (; at < stop; at += 4) sum += load<f32>(at);
    store<f32>(y + (<usize>r << 2), sum);
  }
}
