import { loadLanes, storeLanes } from '../../../backends/wasm-cnn/asm/lanes';
import { madd } from '../../../backends/wasm-cnn/asm/simd';
import { factorAt, moved, penalized } from '../../../backends/wasm-cnn/asm/update';

/** One step of Adagrad for elements [begin, end). */
export function adagradStep(
  begin: i32, end: i32,
  value: usize, gradient: usize, sum: usize, newValue: usize, newSum: usize, scale: usize,
  clip: f32, l1: f32, l2: f32, shrinkage: f32, rate: f32, epsilon: f32,
): void {
  const factor = factorAt(scale);
  const limit = f32x4.splat(clip);
  const pull = f32x4.splat(l1);
  const decay = f32x4.splat(l2);
  const step = f32x4.splat(rate);
  const loss = f32x4.splat(shrinkage);
  const e = f32x4.splat(epsilon);
  const stop = <usize>end << 2;
  for (let at = <usize>begin << 2; at < stop; at += 16) {
    const lanes = <i32>(stop - at) >> 2;
    const x = loadLanes(value + at, lanes);
    const g = penalized(loadLanes(gradient + at, lanes), x, factor, limit, pull, decay);
    const s = madd(g, g, loadLanes(sum + at, lanes));
    storeLanes(newSum + at, s, lanes);
    storeLanes(newValue + at, moved(x, step, f32x4.div(g, f32x4.add(f32x4.sqrt(s), e)), loss), lanes);
  }
}
