// One piece works on [begin, end) of the elements.
import { loadTail, storeTail } from '../../backends/wasm-cnn/asm/tail';

/** y = max(a + b, 0) */
export function addReluForward(begin: i32, end: i32, a: usize, b: usize, y: usize): void {
  const zero = f32x4.splat(0);
  const stop = (<usize>end) << 2;
  let at = (<usize>begin) << 2;
  for (; at + 16 <= stop; at += 16) v128.store(y + at, f32x4.pmax(f32x4.add(v128.load(a + at), v128.load(b + at)), zero));
  const rest = <i32>((stop - at) >> 2);
  if (rest) storeTail(y + at, f32x4.pmax(f32x4.add(loadTail(a + at, rest), loadTail(b + at, rest)), zero), rest);
}
