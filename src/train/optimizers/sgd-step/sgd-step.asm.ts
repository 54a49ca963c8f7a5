import { loadLanes, storeLanes } from '../../../backends/wasm-cnn/asm/lanes';
import { madd } from '../../../backends/wasm-cnn/asm/simd';
import { factorAt, moved, penalized } from '../../../backends/wasm-cnn/asm/update';

/** One step of stochastic gradient descent for elements [begin, end); without momentum where velocity is 0. */
export function sgdStep(
  begin: i32, end: i32,
  value: usize, gradient: usize, velocity: usize, newValue: usize, newVelocity: usize, scale: usize, trust: usize,
  clip: f32, l1: f32, l2: f32, shrinkage: f32, rate: f32, momentum: f32, share: f32, nesterov: i32,
): void {
  const factor = factorAt(scale);
  const limit = f32x4.splat(clip);
  const pull = f32x4.splat(l1);
  const decay = f32x4.splat(l2);
  const part = f32x4.splat(share);
  const ratio = factorAt(trust);
  const keep = f32x4.splat(momentum);
  const stop = <usize>end << 2;
  for (let at = <usize>begin << 2; at < stop; at += 16) {
    const lanes = <i32>(stop - at) >> 2;
    const w = loadLanes(value + at, lanes);
    const g = penalized(loadLanes(gradient + at, lanes), w, factor, limit, pull, decay);
    let direction = f32x4.mul(g, ratio);
    if (velocity) {
      const v = madd(keep, loadLanes(velocity + at, lanes), f32x4.mul(part, direction));
      storeLanes(newVelocity + at, v, lanes);
      direction = nesterov ? madd(keep, v, direction) : v;
    }
    storeLanes(newValue + at, moved(w, f32x4.splat(rate), direction, f32x4.splat(shrinkage)), lanes);
  }
}
