// A picture with zeros around it, so that a convolution's inner loops need not look for borders.
import { clearFloats, copyFloats } from '../../backends/wasm-cnn/asm/move';

/** A row of the copy: zeros, floats of the source, zeros. */
@unmanaged class PadTask {
  source: usize;
  height: i32;
  sourceRow: usize;
  copy: usize;
  /** Rows of a picture in the copy, and which row of the source is the first of them. */
  rows: i32;
  top: i32;
  /** Floats. */
  before: i32;
  /** Bytes into the source's row. */
  skip: usize;
  /** Floats. */
  count: i32;
  after: i32;
}

/** Rows [begin, end) of batch x rows. */
export function conv2dPad(begin: i32, end: i32, task: PadTask): void {
  const before = task.before, count = task.count, after = task.after;
  const width = before + count + after, step = <usize>width << 2;
  for (let index = begin; index < end; index++) {
    const batch = index / task.rows, y = index - batch * task.rows + task.top;
    let to = task.copy + <usize>index * step;
    if (y < 0 || y >= task.height) {
      clearFloats(to, width);
      continue;
    }
    clearFloats(to, before);
    to += <usize>before << 2;
    copyFloats(task.source + <usize>(batch * task.height + y) * task.sourceRow + task.skip, to, count);
    clearFloats(to + (<usize>count << 2), after);
  }
}
