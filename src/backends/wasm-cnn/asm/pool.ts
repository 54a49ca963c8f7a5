// What the kernels of the pools share: sizes, and which positions the windows look at.

/** Sizes of a pool. Behind it lie (first, count) of every row of windows, then of every column. */
@unmanaged
export class PoolShape {
  inHeight: i32;
  inWidth: i32;
  channels: i32;
  outHeight: i32;
  outWidth: i32;
  rowStep: i32;
  columnStep: i32;
}

// @ts-ignore: decorator
@inline export function rowTable(shape: usize): usize {
  return shape + offsetof<PoolShape>();
}

// @ts-ignore: decorator
@inline export function columnTable(shape: usize): usize {
  return rowTable(shape) + (<usize>changetype<PoolShape>(shape).outHeight << 3);
}

/** First position of window o. */
// @ts-ignore: decorator
@inline export function firstOf(table: usize, o: i32): i32 {
  return load<i32>(table + (<usize>o << 3));
}

/** Number of positions of window o. */
// @ts-ignore: decorator
@inline export function countOf(table: usize, o: i32): i32 {
  return load<i32>(table + (<usize>o << 3), 4);
}
