/** Rows [begin, end): `width` bytes from each row of one array to a place in each row of another. Steps in bytes. */
export function concatRows(begin: i32, end: i32, from: usize, fromStep: usize, to: usize, toStep: usize, width: usize): void {
  from += <usize>begin * fromStep;
  to += <usize>begin * toStep;
  for (let row = begin; row < end; row++, from += fromStep, to += toStep) {
    let at: usize = 0;
    for (; at + 16 <= width; at += 16) v128.store(to + at, v128.load(from + at));
    for (; at < width; at += 4) store<f32>(to + at, load<f32>(from + at));
  }
}
