import { loadLanes, storeLanes } from '../../../backends/wasm-cnn/asm/lanes';
import { madd } from '../../../backends/wasm-cnn/asm/simd';
import { factorAt, penalized } from '../../../backends/wasm-cnn/asm/update';

/**
 * One step of Adam and its kin for elements [begin, end); without AMSGrad where largest is 0, and from 0
 * instead of the value where fromZero.
 */
export function adamStep(
  begin: i32, end: i32,
  value: usize, gradient: usize, mean: usize, square: usize, largest: usize,
  newValue: usize, newMean: usize, newSquare: usize, newLargest: usize, scale: usize,
  clip: f32, l1: f32, l2: f32, shrinkage: f32, rate: f32,
  share: f32, squareShare: f32, weight: f32, blend: f32, rootScale: f32, epsilon: f32, fromZero: i32,
): void {
  const factor = factorAt(scale);
  const limit = f32x4.splat(clip);
  const pull = f32x4.splat(l1);
  const decay = f32x4.splat(l2);
  const step = f32x4.splat(rate);
  const loss = f32x4.splat(shrinkage);
  const part = f32x4.splat(share);
  const squarePart = f32x4.splat(squareShare);
  const w = f32x4.splat(weight);
  const b = f32x4.splat(blend);
  const r = f32x4.splat(rootScale);
  const e = f32x4.splat(epsilon);
  const stop = <usize>end << 2;
  for (let at = <usize>begin << 2; at < stop; at += 16) {
    const lanes = <i32>(stop - at) >> 2;
    const x = loadLanes(value + at, lanes);
    const g = penalized(loadLanes(gradient + at, lanes), x, factor, limit, pull, decay);
    const oldMean = loadLanes(mean + at, lanes);
    const m = madd(part, f32x4.sub(g, oldMean), oldMean);
    storeLanes(newMean + at, m, lanes);
    const oldSquare = loadLanes(square + at, lanes);
    let s = madd(squarePart, f32x4.sub(f32x4.mul(g, g), oldSquare), oldSquare);
    storeLanes(newSquare + at, s, lanes);
    if (largest) {
      s = f32x4.max(s, loadLanes(largest + at, lanes));
      storeLanes(newLargest + at, s, lanes);
    }
    const direction = f32x4.div(madd(w, m, f32x4.mul(b, g)), madd(r, f32x4.sqrt(s), e));
    const lost = madd(step, direction, f32x4.mul(loss, x));
    storeLanes(newValue + at, f32x4.sub(fromZero ? f32x4.splat(0) : x, lost), lanes);
  }
}
