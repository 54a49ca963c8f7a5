import { loadLanes, storeLanes } from '../../../backends/wasm-cnn/asm/lanes';
import { madd } from '../../../backends/wasm-cnn/asm/simd';

/** out = mean + share (value - mean) for elements [begin, end). */
export function lerp(begin: i32, end: i32, mean: usize, value: usize, out: usize, share: f32): void {
  const part = f32x4.splat(share);
  const stop = <usize>end << 2;
  for (let at = <usize>begin << 2; at < stop; at += 16) {
    const lanes = <i32>(stop - at) >> 2;
    const x = loadLanes(value + at, lanes);
    const m = loadLanes(mean + at, lanes);
    // The first value of a mean takes the place of whatever stood there, be it NaN.
    storeLanes(out + at, share == 1 ? x : madd(part, f32x4.sub(x, m), m), lanes);
  }
}
