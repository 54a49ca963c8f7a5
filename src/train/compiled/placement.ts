/**
 * Where buffers stand that are needed at different times: the largest first, each at the lowest place where nothing else is
 * that is needed at the same time.
 * Source: Pisarchyk, Lee: Efficient memory management for deep neural net inference, arXiv 2001.03288 (greedy by size).
 */

/** Memory that is needed while calls `first` to `last` run. */
export interface Buffer {
  bytes: number;
  first: number;
  last: number;
  /** From the beginning of the arena, a multiple of 64. */
  offset: number;
}

const ALIGNMENT = 64;

/** A number of bytes that ends where the next buffer may begin. */
export function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** Sets every buffer's offset; returns the size of the arena that holds them all. */
export function place(buffers: readonly Buffer[]): number {
  const placed: Buffer[] = [];
  let size = 0;
  for (const buffer of [...buffers].sort((a, b) => b.bytes - a.bytes || a.first - b.first)) {
    let offset = 0;
    // In the order of their offsets.
    for (const other of placed) {
      if (other.last < buffer.first || buffer.last < other.first) continue;
      if (offset + buffer.bytes <= other.offset) break;
      offset = Math.max(offset, aligned(other.offset + other.bytes));
    }
    buffer.offset = offset;
    size = Math.max(size, aligned(offset + buffer.bytes));
    let at = placed.length;
    while (at > 0 && placed[at - 1]!.offset > offset) at--;
    placed.splice(at, 0, buffer);
  }
  return size;
}

/** The most that is needed at one time: no arena can be smaller. */
export function mostAtOnce(buffers: readonly Buffer[], calls: number): number {
  const change = new Float64Array(calls + 3);
  for (const { bytes, first, last } of buffers) {
    change[first + 1]! += aligned(bytes);
    change[last + 2]! -= aligned(bytes);
  }
  let now = 0;
  let most = 0;
  for (const step of change) {
    now += step;
    most = Math.max(most, now);
  }
  return most;
}
