// What every optimizer's kernel does with a gradient before it uses it, and how it changes the value.
import { madd } from './simd';

/** The factor at a pointer, in all lanes; 1 where there is none. */
// @ts-ignore: decorator
@inline export function factorAt(pointer: usize): v128 {
  return f32x4.splat(pointer ? load<f32>(pointer) : 1);
}

/** clamp(factor gradient, -clip, clip) + l2 value + l1 sign(value). */
// @ts-ignore: decorator
@inline export function penalized(gradient: v128, value: v128, factor: v128, clip: v128, l1: v128, l2: v128): v128 {
  const clipped = f32x4.max(f32x4.neg(clip), f32x4.min(clip, f32x4.mul(gradient, factor)));
  const sign = v128.and(value, f32x4.splat(-0.0));
  const pull = v128.and(v128.or(l1, sign), f32x4.ne(value, f32x4.splat(0)));
  return f32x4.add(madd(l2, value, clipped), pull);
}

/** value - (rate direction + shrinkage value). */
// @ts-ignore: decorator
@inline export function moved(value: v128, rate: v128, direction: v128, shrinkage: v128): v128 {
  return f32x4.sub(value, madd(rate, direction, f32x4.mul(shrinkage, value)));
}
