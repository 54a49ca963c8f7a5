import { loadTail, storeTail } from '../../backends/wasm-cnn/asm/tail';

/** `scale` or 0 for four elements; `counter` is i * 0x9e3779b9 + start. See mask.ts. */
// @ts-ignore: decorator
@inline function maskOf(counter: v128, key: v128, threshold: v128, scale: v128): v128 {
  let x = i32x4.mul(v128.xor(counter, i32x4.shr_u(counter, 16)), i32x4.splat(0x7feb352d));
  x = i32x4.add(x, key);
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 15)), i32x4.splat(<i32>0x846ca68b));
  x = v128.xor(x, i32x4.shr_u(x, 16));
  return v128.and(scale, i32x4.ge_u(x, threshold));
}

/** Elements [begin, end): to = from * mask. */
export function dropoutMask(
  begin: i32, end: i32, from: usize, to: usize, start: u32, key: u32, threshold: u32, scale: f32,
): void {
  const keys = i32x4.splat(<i32>key);
  const thresholds = i32x4.splat(<i32>threshold);
  const scales = f32x4.splat(scale);
  const golden: i32 = <i32>0x9e3779b9;
  const step = i32x4.splat(golden * 4);
  let counter = i32x4.add(i32x4.splat(<i32>start + begin * golden), i32x4.mul(i32x4(0, 1, 2, 3), i32x4.splat(golden)));
  const stop = (<usize>end) << 2;
  let at = (<usize>begin) << 2;
  for (; at + 16 <= stop; at += 16) {
    v128.store(to + at, f32x4.mul(v128.load(from + at), maskOf(counter, keys, thresholds, scales)));
    counter = i32x4.add(counter, step);
  }
  const rest = <i32>((stop - at) >> 2);
  if (rest) storeTail(to + at, f32x4.mul(loadTail(from + at, rest), maskOf(counter, keys, thresholds, scales)), rest);
}
