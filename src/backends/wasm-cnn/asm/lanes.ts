// Vectors of channels whose number may be no multiple of four.
import { loadTail, storeTail } from './tail';

/** The first `lanes` floats at a pointer, four at most; zeros after them. */
// @ts-ignore: decorator
@inline export function loadLanes(at: usize, lanes: i32): v128 {
  return lanes >= 4 ? v128.load(at) : loadTail(at, lanes);
}

/** Stores the first `lanes` floats of v, four at most. */
// @ts-ignore: decorator
@inline export function storeLanes(at: usize, v: v128, lanes: i32): void {
  if (lanes >= 4) v128.store(at, v);
  else storeTail(at, v, lanes);
}
