// Every channel is convolved with a filter of its own: vectors of channels, four pixels of a row at a
// time so that they share the filter's loads. Forward and input gradient are the same kernel over
// other lists of taps (one list for each phase of the strides, see phases.ts).
import { applyActivation } from '../../backends/wasm-cnn/asm/activation';
import { loadLanes, storeLanes } from '../../backends/wasm-cnn/asm/lanes';
import { madd } from '../../backends/wasm-cnn/asm/simd';

/** source [batch, height, width, channels]; target is a grid in a picture of as many channels. */
@unmanaged class DepthwiseTask {
  source: usize;
  height: i32;
  width: i32;
  channels: i32;
  strideHeight: i32;
  strideWidth: i32;
  target: usize;
  /** Bytes. */
  targetBatch: usize;
  targetRow: usize;
  targetColumn: usize;
  gridHeight: i32;
  gridWidth: i32;
  /** [taps, channels]. */
  filter: usize;
  /** 0 for none. */
  bias: usize;
  activation: i32;
  /** Pairs {row or column of the source, counted from the window's; byte offset into filter}, the former rising. */
  vertical: usize;
  verticalEnd: usize;
  horizontal: usize;
  horizontalEnd: usize;
  /** Pairs {byte offset into source, byte offset into filter}: each vertical tap with each horizontal one. */
  taps: usize;
}

/** Rows [begin, end) of batch x gridHeight. */
export function depthwiseRows(begin: i32, end: i32, task: DepthwiseTask): void {
  const pixelBytes = <usize>task.channels << 2, rowBytes = pixelBytes * <usize>task.width;
  const horizontal = task.horizontal, horizontalEnd = task.horizontalEnd, stride = task.strideWidth;
  const before = horizontal < horizontalEnd ? load<i32>(horizontal) : 0;
  const after = horizontal < horizontalEnd ? load<i32>(horizontalEnd - 8) : 0;
  const across = (horizontalEnd - horizontal) >> 3, step = <usize>stride * pixelBytes;
  for (let index = begin; index < end; index++) {
    const batch = index / task.gridHeight, row = index - batch * task.gridHeight;
    const y = row * task.strideHeight;
    let tap = task.vertical, tapEnd = task.verticalEnd;
    while (tap < tapEnd && y + load<i32>(tap) < 0) tap += 8;
    while (tapEnd > tap && y + load<i32>(tapEnd - 8) >= task.height) tapEnd -= 8;
    const line = task.source + <usize>(batch * task.height + y) * rowBytes;
    let to = task.target + <usize>batch * task.targetBatch + <usize>row * task.targetRow;
    const begun = to;
    for (let column = 0; column < task.gridWidth; ) {
      const x = column * stride, from = line + <usize>x * pixelBytes;
      if (column + 4 <= task.gridWidth && x + before >= 0 && x + 3 * stride + after < task.width) {
        const first = task.taps + (tap - task.vertical) * across, last = task.taps + (tapEnd - task.vertical) * across;
        let channel = 0;
        for (; channel + 8 <= task.channels; channel += 8) {
          const skip = <usize>channel << 2, bias = task.bias ? task.bias + skip : 0;
          depthwiseFourPixels(from + skip, step, task.filter + skip, first, last, bias, to + skip, task.targetColumn);
        }
        if (channel < task.channels) {
          for (let i: usize = 0; i < 4; i++) {
            onePixel(task, from + i * step, tap, tapEnd, horizontal, horizontalEnd, channel, to + i * task.targetColumn);
          }
        }
        column += 4;
        to += task.targetColumn << 2;
      } else {
        let first = horizontal, last = horizontalEnd;
        while (first < last && x + load<i32>(first) < 0) first += 8;
        while (last > first && x + load<i32>(last - 8) >= task.width) last -= 8;
        const count = (last - first) >> 3;
        let channel = 0;
        if (count > 0) {
          // Of each vertical tap's part of the list, the entries of the horizontal taps within the row.
          const skip = first - horizontal, gap = <usize>(across - count) << 3;
          const begin = task.taps + (tap - task.vertical) * across + skip, end = task.taps + (tapEnd - task.vertical) * across + skip;
          for (; channel + 16 <= task.channels; channel += 16) {
            const at = <usize>channel << 2, bias = task.bias ? task.bias + at : 0;
            depthwiseOnePixel(from + at, task.filter + at, begin, end, <usize>count << 3, gap, bias, to + at);
          }
        }
        onePixel(task, from, tap, tapEnd, first, last, channel, to);
        column++;
        to += task.targetColumn;
      }
    }
    // Only forward has one; its rows are without gaps.
    if (task.activation) activateFloats(begun, task.gridWidth * task.channels, task.activation);
  }
}

/**
 * Eight channels of four pixels whose windows lie within the row: one loop over the taps with nothing but
 * stores behind it, in a function of its own, as V8 wants it (register-tile.ts); hence the export.
 */
export function depthwiseFourPixels(from: usize, step: usize, filter: usize, tap: usize, tapEnd: usize, bias: usize, to: usize,
  toStep: usize): void {
  let a0 = f32x4.splat(0), a1 = a0;
  if (bias) {
    a0 = v128.load(bias);
    a1 = v128.load(bias, 16);
  }
  let b0 = a0, b1 = a1, c0 = a0, c1 = a1, d0 = a0, d1 = a1;
  while (tap < tapEnd) {
    const f = filter + load<usize>(tap, 4), f0 = v128.load(f), f1 = v128.load(f, 16);
    let x = from + load<usize>(tap);
    a0 = madd(v128.load(x), f0, a0); a1 = madd(v128.load(x, 16), f1, a1);
    x += step;
    b0 = madd(v128.load(x), f0, b0); b1 = madd(v128.load(x, 16), f1, b1);
    x += step;
    c0 = madd(v128.load(x), f0, c0); c1 = madd(v128.load(x, 16), f1, c1);
    x += step;
    d0 = madd(v128.load(x), f0, d0); d1 = madd(v128.load(x, 16), f1, d1);
    tap += 8;
  }
  v128.store(to, a0); v128.store(to, a1, 16);
  to += toStep;
  v128.store(to, b0); v128.store(to, b1, 16);
  to += toStep;
  v128.store(to, c0); v128.store(to, c1, 16);
  to += toStep;
  v128.store(to, d0); v128.store(to, d1, 16);
}

/** Sixteen channels of one pixel: of the taps [tap, tapEnd) `run` bytes, then `gap` bytes not, and so on. */
export function depthwiseOnePixel(from: usize, filter: usize, tap: usize, tapEnd: usize, run: usize, gap: usize, bias: usize, to: usize): void {
  let a = f32x4.splat(0), b = a, c = a, d = a;
  if (bias) {
    a = v128.load(bias);
    b = v128.load(bias, 16);
    c = v128.load(bias, 32);
    d = v128.load(bias, 48);
  }
  let runEnd = tap + run;
  while (tap < tapEnd) {
    const f = filter + load<usize>(tap, 4), x = from + load<usize>(tap);
    a = madd(v128.load(x), v128.load(f), a);
    b = madd(v128.load(x, 16), v128.load(f, 16), b);
    c = madd(v128.load(x, 32), v128.load(f, 32), c);
    d = madd(v128.load(x, 48), v128.load(f, 48), d);
    tap += 8;
    if (tap == runEnd) {
      tap += gap;
      runEnd = tap + run;
    }
  }
  v128.store(to, a);
  v128.store(to, b, 16);
  v128.store(to, c, 32);
  v128.store(to, d, 48);
}

/** The channels from `channel` on, of one pixel with the taps of its row that lie within the source. */
function onePixel(task: DepthwiseTask, from: usize, tap: usize, tapEnd: usize, first: usize, last: usize, channel: i32, to: usize): void {
  const pixelBytes = <usize>task.channels << 2, rowBytes = pixelBytes * <usize>task.width;
  for (; channel < task.channels; channel += 4) {
    const skip = <usize>channel << 2, lanes = task.channels - channel;
    let sum = task.bias ? loadLanes(task.bias + skip, lanes) : f32x4.splat(0);
    for (let row = tap; row < tapEnd; row += 8) {
      const line = from + skip + <usize>load<i32>(row) * rowBytes, filter = task.filter + load<usize>(row, 4) + skip;
      for (let at = first; at < last; at += 8) {
        const x = loadLanes(line + <usize>load<i32>(at) * pixelBytes, lanes);
        sum = madd(x, loadLanes(filter + load<usize>(at, 4), lanes), sum);
      }
    }
    storeLanes(to + skip, sum, lanes);
  }
}

function activateFloats(at: usize, count: i32, activation: i32): void {
  for (; count > 0; count -= 4, at += 16) storeLanes(at, applyActivation(loadLanes(at, count), activation), count);
}

/** Pixels [begin, end): each channel `multiplier` times over. */
export function depthwiseSpread(begin: i32, end: i32, source: usize, target: usize, channels: i32, multiplier: i32): void {
  let from = source + (<usize>(begin * channels) << 2), to = target + (<usize>(begin * channels * multiplier) << 2);
  for (let i = (end - begin) * channels; i > 0; i--, from += 4) {
    const value = f32.load(from);
    for (let m = 0; m < multiplier; m++, to += 4) f32.store(to, value);
  }
}

/** Pixels [begin, end): the sum over the `multiplier` copies of each channel. */
export function depthwiseGather(begin: i32, end: i32, source: usize, target: usize, channels: i32, multiplier: i32): void {
  let from = source + (<usize>(begin * channels * multiplier) << 2), to = target + (<usize>(begin * channels) << 2);
  for (let i = (end - begin) * channels; i > 0; i--, to += 4) {
    let sum: f32 = 0;
    for (let m = 0; m < multiplier; m++, from += 4) sum += f32.load(from);
    f32.store(to, sum);
  }
}
