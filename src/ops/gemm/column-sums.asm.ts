// Sums over the rows of a matrix: the gradient of every bias.

/** Rows are taken `fold` at a time as one wide row, so that its width is a multiple of four. */
@unmanaged class ColumnSumsTask {
  source: usize;
  rows: i32;
  columns: i32;
  fold: i32;
  /** Wide rows of a chunk, and how many chunks there are. */
  chunkRows: i32;
  chunks: i32;
  /** chunks x wide row. */
  partial: usize;
  sums: usize;
}

/** Chunks [begin, end): each one's wide rows are added into its row of `partial`. */
export function columnSumsChunks(begin: i32, end: i32, task: ColumnSumsTask): void {
  const wide = task.columns * task.fold, step = <usize>wide << 2, rows = task.rows / task.fold;
  for (let chunk = begin; chunk < end; chunk++) {
    const first = chunk * task.chunkRows, count = min(task.chunkRows, rows - first);
    const source = task.source + <usize>first * step, to = task.partial + <usize>chunk * step;
    let column: usize = 0;
    for (; column + 64 <= step; column += 64) sumStrip(source + column, step, count, to + column);
    for (; column < step; column += 16) {
      let sum = f32x4.splat(0), at = source + column;
      for (let i = 0; i < count; i++, at += step) sum = f32x4.add(sum, v128.load(at));
      v128.store(to + column, sum);
    }
  }
}

function sumStrip(at: usize, step: usize, count: i32, to: usize): void {
  let a = f32x4.splat(0), b = a, c = a, d = a;
  for (let i = 0; i < count; i++, at += step) {
    a = f32x4.add(a, v128.load(at));
    b = f32x4.add(b, v128.load(at, 16));
    c = f32x4.add(c, v128.load(at, 32));
    d = f32x4.add(d, v128.load(at, 48));
  }
  v128.store(to, a);
  v128.store(to, b, 16);
  v128.store(to, c, 32);
  v128.store(to, d, 48);
}

/** Columns [begin, end): the chunks' sums, then what a wide row folds, then the rows left over. */
export function columnSumsFold(begin: i32, end: i32, task: ColumnSumsTask): void {
  const columns = task.columns, step = <usize>columns << 2, pieces = task.chunks * task.fold;
  const left = task.rows / task.fold * task.fold;
  for (let column = begin; column < end; column++) {
    let sum: f32 = 0, at = task.partial + (<usize>column << 2);
    for (let i = 0; i < pieces; i++, at += step) sum += f32.load(at);
    at = task.source + <usize>left * step + (<usize>column << 2);
    for (let i = left; i < task.rows; i++, at += step) sum += f32.load(at);
    f32.store(task.sums + (<usize>column << 2), sum);
  }
}
