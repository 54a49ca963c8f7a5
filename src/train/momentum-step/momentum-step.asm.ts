import { madd } from '../../backends/wasm-cnn/asm/simd';

/** One step of stochastic gradient descent with momentum for elements [begin, end). */
export function momentumStep(
  begin: i32, end: i32,
  value: usize, gradient: usize, velocity: usize, rate: f32, momentum: f32, newValue: usize, newVelocity: usize,
): void {
  const m = f32x4.splat(momentum);
  const step = f32x4.splat(-rate);
  let at = <usize>begin << 2;
  const stop = <usize>end << 2;
  for (; at + 16 <= stop; at += 16) {
    const v = madd(m, v128.load(velocity + at), v128.load(gradient + at));
    v128.store(newVelocity + at, v);
    v128.store(newValue + at, madd(step, v, v128.load(value + at)));
  }
  for (; at < stop; at += 4) {
    const v = momentum * load<f32>(velocity + at) + load<f32>(gradient + at);
    store<f32>(newVelocity + at, v);
    store<f32>(newValue + at, load<f32>(value + at) - rate * v);
  }
}
