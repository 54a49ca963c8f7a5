import { loadLanes, storeLanes } from '../../../backends/wasm-cnn/asm/lanes';
import { madd } from '../../../backends/wasm-cnn/asm/simd';

/** Shortens the columns of groups [begin, end), four columns each, of [rows, columns] whose norm is above `most`. */
export function maxNorm(begin: i32, end: i32, value: usize, newValue: usize, rows: i32, columns: i32, most: f32): void {
  const row = <usize>columns << 2;
  const limit = f32x4.splat(most);
  for (let group = begin; group < end; group++) {
    const lanes = columns - (group << 2);
    const first = <usize>group << 4;
    let sum = f32x4.splat(0);
    for (let y = 0, at = value + first; y < rows; y++, at += row) {
      const v = loadLanes(at, lanes);
      sum = madd(v, v, sum);
    }
    const norm = f32x4.sqrt(sum);
    // NaN is not above, and stays.
    const factor = v128.bitselect(f32x4.div(limit, norm), f32x4.splat(1), f32x4.gt(norm, limit));
    let to = newValue + first;
    for (let y = 0, at = value + first; y < rows; y++, at += row, to += row) {
      storeLanes(to, f32x4.mul(factor, loadLanes(at, lanes)), lanes);
    }
  }
}
