import { factorAt } from '../../../backends/wasm-cnn/asm/update';

/** Sums of clamp(factor x, -clip, clip)^2 over pieces [begin, end), each of `length` elements, in float64: partials[piece]. */
export function squareSums(
  begin: i32, end: i32, x: usize, factor: usize, partials: usize, size: i32, length: i32, clip: f32,
): void {
  const scale = factorAt(factor);
  const limit = f32x4.splat(clip);
  for (let piece = begin; piece < end; piece++) {
    let at = x + ((<usize>piece * length) << 2);
    const stop = x + (<usize>min(size, (piece + 1) * length) << 2);
    let low = f64x2.splat(0);
    let high = f64x2.splat(0);
    for (; at + 16 <= stop; at += 16) {
      const v = f32x4.max(f32x4.neg(limit), f32x4.min(limit, f32x4.mul(scale, v128.load(at))));
      const a = f64x2.promote_low_f32x4(v);
      const b = f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 1));
      low = f64x2.add(low, f64x2.mul(a, a));
      high = f64x2.add(high, f64x2.mul(b, b));
    }
    low = f64x2.add(low, high);
    let sum = f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1);
    for (; at < stop; at += 4) {
      const v = <f64>max(-clip, min(clip, f32x4.extract_lane(scale, 0) * load<f32>(at)));
      sum += v * v;
    }
    store<f64>(partials + (<usize>piece << 3), sum);
  }
}

/** The sum of `count` partials, in order. */
// @ts-ignore: decorator
@inline function added(partials: usize, count: i32): f64 {
  let sum: f64 = 0;
  for (let i = 0; i < count; i++) sum += load<f64>(partials + (<usize>i << 3));
  return sum;
}

/** out = the sum of the partials, plus what stands at `before`, if anything. */
export function addSquareSums(partials: usize, count: i32, before: usize, out: usize): void {
  store<f32>(out, <f32>(added(partials, count) + (before ? <f64>load<f32>(before) : 0)));
}

/** The ratio of LARS and LAMB, of the partials of the weight and, behind them, of its gradient. */
export function trustRatio(partials: usize, count: i32, coefficient: f64, weightDecay: f64, epsilon: f64, out: usize): void {
  const w = Math.sqrt(added(partials, count));
  const g = Math.sqrt(added(partials + (<usize>count << 3), count));
  store<f32>(out, <f32>(w > 0 && g > 0 ? (coefficient * w) / (g + weightDecay * w + epsilon) : 1));
}

/** The norm of gradients whose squares sum up to `sum`, and the factor that brings it down to `most`, as PyTorch does. */
export function clipFactor(sum: usize, most: f32, norm: usize, factor: usize): void {
  const root = sqrt(load<f32>(sum));
  store<f32>(norm, root);
  store<f32>(factor, min<f32>(1, most / (root + <f32>1e-6)));
}
