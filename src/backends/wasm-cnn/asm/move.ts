// Moving floats about without arithmetic.

/** `count` floats; for short rows, where calling memory.copy would cost more than the copy. */
// @ts-ignore: decorator
@inline export function copyFloats(from: usize, to: usize, count: i32): void {
  for (; count >= 4; count -= 4, from += 16, to += 16) v128.store(to, v128.load(from));
  if (count & 2) {
    store<u64>(to, load<u64>(from));
    from += 8;
    to += 8;
  }
  if (count & 1) store<u32>(to, load<u32>(from));
}

/** `count` zeros. */
// @ts-ignore: decorator
@inline export function clearFloats(to: usize, count: i32): void {
  for (; count >= 4; count -= 4, to += 16) v128.store(to, f32x4.splat(0));
  for (; count > 0; count--, to += 4) f32.store(to, 0);
}

/** Four rows of four floats become four columns; steps in bytes. */
// @ts-ignore: decorator
@inline export function transpose4(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const a = v128.load(from), b = v128.load(from + fromStep);
  const c = v128.load(from + 2 * fromStep), d = v128.load(from + 3 * fromStep);
  const ab = i32x4.shuffle(a, b, 0, 4, 1, 5), cd = i32x4.shuffle(c, d, 0, 4, 1, 5);
  const ef = i32x4.shuffle(a, b, 2, 6, 3, 7), gh = i32x4.shuffle(c, d, 2, 6, 3, 7);
  v128.store(to, i64x2.shuffle(ab, cd, 0, 2));
  v128.store(to + toStep, i64x2.shuffle(ab, cd, 1, 3));
  v128.store(to + 2 * toStep, i64x2.shuffle(ef, gh, 0, 2));
  v128.store(to + 3 * toStep, i64x2.shuffle(ef, gh, 1, 3));
}
