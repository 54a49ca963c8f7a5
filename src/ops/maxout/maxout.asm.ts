// @ts-ignore: decorator
@inline function largest(x: usize, pieces: i32): i32 {
  let best = 0;
  let value = load<f32>(x);
  for (let p = 1; p < pieces; p++) {
    const other = load<f32>(x + (<usize>p << 2));
    // NaN is larger than any number, and the first of equals wins.
    if (other > value || (other != other && value == value)) {
      best = p;
      value = other;
    }
  }
  return best;
}

/** Outputs [begin, end): y[i] = the largest of x[i pieces ..]. */
export function maxoutForward(begin: i32, end: i32, x: usize, y: usize, pieces: i32): void {
  const step = <usize>pieces << 2;
  for (let i = begin; i < end; i++) {
    const from = x + <usize>i * step;
    store<f32>(y + (<usize>i << 2), load<f32>(from + (<usize>largest(from, pieces) << 2)));
  }
}

/** Outputs [begin, end): their pieces of dx are 0 but for the largest, which gets dy. */
export function maxoutGradient(begin: i32, end: i32, dy: usize, x: usize, dx: usize, pieces: i32): void {
  const step = <usize>pieces << 2;
  for (let i = begin; i < end; i++) {
    const at = <usize>i * step;
    const best = largest(x + at, pieces);
    for (let p = 0; p < pieces; p++) store<f32>(dx + at + (<usize>p << 2), p == best ? load<f32>(dy + (<usize>i << 2)) : 0);
  }
}
