import { loadLanes, storeLanes } from '../../../backends/wasm-cnn/asm/lanes';
import { madd } from '../../../backends/wasm-cnn/asm/simd';
import { factorAt, moved, penalized } from '../../../backends/wasm-cnn/asm/update';

/** One step of Adadelta for elements [begin, end). */
export function adadeltaStep(
  begin: i32, end: i32,
  value: usize, gradient: usize, square: usize, delta: usize, newValue: usize, newSquare: usize, newDelta: usize, scale: usize,
  clip: f32, l1: f32, l2: f32, shrinkage: f32, rate: f32, share: f32, epsilon: f32,
): void {
  const factor = factorAt(scale);
  const limit = f32x4.splat(clip);
  const pull = f32x4.splat(l1);
  const decay = f32x4.splat(l2);
  const step = f32x4.splat(rate);
  const loss = f32x4.splat(shrinkage);
  const part = f32x4.splat(share);
  const e = f32x4.splat(epsilon);
  const stop = <usize>end << 2;
  for (let at = <usize>begin << 2; at < stop; at += 16) {
    const lanes = <i32>(stop - at) >> 2;
    const x = loadLanes(value + at, lanes);
    const g = penalized(loadLanes(gradient + at, lanes), x, factor, limit, pull, decay);
    const oldSquare = loadLanes(square + at, lanes);
    const s = madd(part, f32x4.sub(f32x4.mul(g, g), oldSquare), oldSquare);
    storeLanes(newSquare + at, s, lanes);
    const oldDelta = loadLanes(delta + at, lanes);
    const direction = f32x4.mul(f32x4.div(f32x4.sqrt(f32x4.add(oldDelta, e)), f32x4.sqrt(f32x4.add(s, e))), g);
    storeLanes(newDelta + at, madd(part, f32x4.sub(f32x4.mul(direction, direction), oldDelta), oldDelta), lanes);
    storeLanes(newValue + at, moved(x, step, direction, loss), lanes);
  }
}
