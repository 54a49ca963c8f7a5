// The end of an array whose length is no multiple of four.

/** The first n < 4 floats at pointer; zeros after them. Reads nothing beyond. */
export function loadTail(pointer: usize, n: i32): v128 {
  if (n == 1) return v128.load32_zero(pointer);
  const two = v128.load64_zero(pointer);
  return n == 2 ? two : v128.load_lane<f32>(pointer, two, 2, 8);
}

/** Stores the first n < 4 floats of v. */
export function storeTail(pointer: usize, v: v128, n: i32): void {
  if (n == 1) {
    v128.store_lane<f32>(pointer, v, 0);
    return;
  }
  v128.store_lane<f64>(pointer, v, 0);
  if (n == 3) v128.store_lane<f32>(pointer, v, 2, 8);
}
