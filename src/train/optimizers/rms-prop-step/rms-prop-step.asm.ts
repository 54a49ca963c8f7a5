import { loadLanes, storeLanes } from '../../../backends/wasm-cnn/asm/lanes';
import { madd } from '../../../backends/wasm-cnn/asm/simd';
import { factorAt, moved, penalized } from '../../../backends/wasm-cnn/asm/update';

/** One step of RMSprop for elements [begin, end); not centered where mean is 0, without momentum where velocity is 0. */
export function rmsPropStep(
  begin: i32, end: i32,
  value: usize, gradient: usize, square: usize, mean: usize, velocity: usize,
  newValue: usize, newSquare: usize, newMean: usize, newVelocity: usize, scale: usize,
  clip: f32, l1: f32, l2: f32, shrinkage: f32, rate: f32, share: f32, momentum: f32, epsilon: f32,
): void {
  const factor = factorAt(scale);
  const limit = f32x4.splat(clip);
  const pull = f32x4.splat(l1);
  const decay = f32x4.splat(l2);
  const step = f32x4.splat(rate);
  const loss = f32x4.splat(shrinkage);
  const part = f32x4.splat(share);
  const keep = f32x4.splat(momentum);
  const e = f32x4.splat(epsilon);
  const stop = <usize>end << 2;
  for (let at = <usize>begin << 2; at < stop; at += 16) {
    const lanes = <i32>(stop - at) >> 2;
    const x = loadLanes(value + at, lanes);
    const g = penalized(loadLanes(gradient + at, lanes), x, factor, limit, pull, decay);
    const oldSquare = loadLanes(square + at, lanes);
    let s = madd(part, f32x4.sub(f32x4.mul(g, g), oldSquare), oldSquare);
    storeLanes(newSquare + at, s, lanes);
    if (mean) {
      const oldMean = loadLanes(mean + at, lanes);
      const m = madd(part, f32x4.sub(g, oldMean), oldMean);
      storeLanes(newMean + at, m, lanes);
      s = f32x4.max(f32x4.splat(0), f32x4.sub(s, f32x4.mul(m, m)));
    }
    let direction = f32x4.div(g, f32x4.add(f32x4.sqrt(s), e));
    if (velocity) {
      direction = madd(keep, loadLanes(velocity + at, lanes), direction);
      storeLanes(newVelocity + at, direction, lanes);
    }
    storeLanes(newValue + at, moved(x, step, direction, loss), lanes);
  }
}
