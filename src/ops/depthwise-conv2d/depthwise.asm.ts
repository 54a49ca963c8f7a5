// Every channel is convolved with a filter of its own: vectors of channels, four pixels of a row at a
// time so that they share the filter's loads. Forward and input gradient are the same kernel over
// other lists of taps (one list for each phase of the strides, see phases.ts).
import { applyActivation } from '../../backends/wasm-cnn/asm/activation';
import { madd } from '../../backends/wasm-cnn/asm/simd';
import { loadTail, storeTail } from '../../backends/wasm-cnn/asm/tail';

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
}

/** Rows [begin, end) of batch x gridHeight. */
export function depthwiseRows(begin: i32, end: i32, task: DepthwiseTask): void {
  const pixelBytes = <usize>task.channels << 2, rowBytes = pixelBytes * <usize>task.width;
  const horizontal = task.horizontal, horizontalEnd = task.horizontalEnd, stride = task.strideWidth;
  const before = horizontal < horizontalEnd ? load<i32>(horizontal) : 0;
  const after = horizontal < horizontalEnd ? load<i32>(horizontalEnd - 8) : 0;
  for (let index = begin; index < end; index++) {
    const batch = index / task.gridHeight, row = index - batch * task.gridHeight;
    const y = row * task.strideHeight;
    let tap = task.vertical, tapEnd = task.verticalEnd;
    while (tap < tapEnd && y + load<i32>(tap) < 0) tap += 8;
    while (tapEnd > tap && y + load<i32>(tapEnd - 8) >= task.height) tapEnd -= 8;
    const line = task.source + <usize>(batch * task.height + y) * rowBytes;
    let to = task.target + <usize>batch * task.targetBatch + <usize>row * task.targetRow;
    for (let column = 0; column < task.gridWidth; ) {
      const x = column * stride, from = line + <usize>x * pixelBytes;
      if (column + 4 <= task.gridWidth && x + before >= 0 && x + 3 * stride + after < task.width) {
        let channel = 0;
        for (; channel + 8 <= task.channels; channel += 8) fourPixels(task, from, tap, tapEnd, channel, to);
        if (channel < task.channels) {
          for (let i: usize = 0; i < 4; i++) {
            onePixel(task, from + i * <usize>stride * pixelBytes, tap, tapEnd, horizontal, horizontalEnd, channel, to + i * task.targetColumn);
          }
        }
        column += 4;
        to += task.targetColumn << 2;
      } else {
        let first = horizontal, last = horizontalEnd;
        while (first < last && x + load<i32>(first) < 0) first += 8;
        while (last > first && x + load<i32>(last - 8) >= task.width) last -= 8;
        onePixel(task, from, tap, tapEnd, first, last, 0, to);
        column++;
        to += task.targetColumn;
      }
    }
  }
}

/** Eight channels of four pixels whose windows lie within the row. */
function fourPixels(task: DepthwiseTask, from: usize, tap: usize, tapEnd: usize, channel: i32, to: usize): void {
  const skip = <usize>channel << 2, pixelBytes = <usize>task.channels << 2, rowBytes = pixelBytes * <usize>task.width;
  const step = pixelBytes * <usize>task.strideWidth;
  let a0 = f32x4.splat(0), a1 = a0;
  if (task.bias) {
    a0 = v128.load(task.bias + skip);
    a1 = v128.load(task.bias + skip, 16);
  }
  let b0 = a0, b1 = a1, c0 = a0, c1 = a1, d0 = a0, d1 = a1;
  from += skip;
  for (; tap < tapEnd; tap += 8) {
    const line = from + <usize>load<i32>(tap) * rowBytes, filter = task.filter + load<usize>(tap, 4) + skip;
    for (let at = task.horizontal; at < task.horizontalEnd; at += 8) {
      const f = filter + load<usize>(at, 4), f0 = v128.load(f), f1 = v128.load(f, 16);
      let x = line + <usize>load<i32>(at) * pixelBytes;
      a0 = madd(v128.load(x), f0, a0); a1 = madd(v128.load(x, 16), f1, a1);
      x += step;
      b0 = madd(v128.load(x), f0, b0); b1 = madd(v128.load(x, 16), f1, b1);
      x += step;
      c0 = madd(v128.load(x), f0, c0); c1 = madd(v128.load(x, 16), f1, c1);
      x += step;
      d0 = madd(v128.load(x), f0, d0); d1 = madd(v128.load(x, 16), f1, d1);
    }
  }
  to += skip;
  const kind = task.activation;
  put(to, a0, a1, kind);
  to += task.targetColumn;
  put(to, b0, b1, kind);
  to += task.targetColumn;
  put(to, c0, c1, kind);
  to += task.targetColumn;
  put(to, d0, d1, kind);
}

function put(to: usize, left: v128, right: v128, kind: i32): void {
  v128.store(to, applyActivation(left, kind));
  v128.store(to, applyActivation(right, kind), 16);
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
    storeLanes(to + skip, applyActivation(sum, task.activation), lanes);
  }
}

// @ts-ignore: decorator
@inline function loadLanes(at: usize, lanes: i32): v128 {
  return lanes >= 4 ? v128.load(at) : loadTail(at, lanes);
}

// @ts-ignore: decorator
@inline function storeLanes(at: usize, v: v128, lanes: i32): void {
  if (lanes >= 4) v128.store(at, v);
  else storeTail(at, v, lanes);
}

/** x [batch, height, width, channels] and dy of as many channels; partial [chunk, tap, channels]. */
@unmanaged class DepthwiseFilterTask {
  x: usize;
  dy: usize;
  partial: usize;
  channels: i32;
  height: i32;
  width: i32;
  outHeight: i32;
  outWidth: i32;
  filterHeight: i32;
  filterWidth: i32;
  strideHeight: i32;
  strideWidth: i32;
  dilationHeight: i32;
  dilationWidth: i32;
  padTop: i32;
  padLeft: i32;
  /** Rows of y in all, and a chunk's. */
  rows: i32;
  chunkRows: i32;
}

/** Chunks [begin, end) of batch x outHeight: the sums of x dy over a chunk's pixels. */
export function depthwiseFilterChunks(begin: i32, end: i32, task: DepthwiseFilterTask): void {
  const pixelBytes = <usize>task.channels << 2, filterRow = pixelBytes * <usize>task.filterWidth;
  const filterBytes = filterRow * <usize>task.filterHeight;
  for (let chunk = begin; chunk < end; chunk++) {
    const sums = task.partial + <usize>chunk * filterBytes;
    memory.fill(sums, 0, filterBytes);
    const first = chunk * task.chunkRows, last = min(first + task.chunkRows, task.rows);
    for (let row = first; row < last; row++) {
      const batch = row / task.outHeight;
      const y = (row - batch * task.outHeight) * task.strideHeight - task.padTop;
      const dy = task.dy + <usize>row * <usize>task.outWidth * pixelBytes;
      for (let ky = 0; ky < task.filterHeight; ky++) {
        const inY = y + ky * task.dilationHeight;
        if (inY < 0 || inY >= task.height) continue;
        const x = task.x + <usize>((batch * task.height + inY) * task.width) * pixelBytes;
        filterRowSums(task, x, dy, sums + <usize>ky * filterRow);
      }
    }
  }
}

/** First pixel of a row of y whose tap kx lies within x. */
// @ts-ignore: decorator
@inline function firstPixel(task: DepthwiseFilterTask, kx: i32): i32 {
  const missing = task.padLeft - kx * task.dilationWidth;
  return missing > 0 ? min((missing + task.strideWidth - 1) / task.strideWidth, task.outWidth) : 0;
}

/** The pixel after the last. */
// @ts-ignore: decorator
@inline function endPixel(task: DepthwiseFilterTask, kx: i32): i32 {
  const room = task.width - 1 + task.padLeft - kx * task.dilationWidth;
  return room < 0 ? 0 : min(room / task.strideWidth + 1, task.outWidth);
}

/** One row of x with one row of dy: three taps at a time where all lie within x, else one. */
function filterRowSums(task: DepthwiseFilterTask, x: usize, dy: usize, sums: usize): void {
  const pixelBytes = <usize>task.channels << 2;
  const dilation = <usize>task.dilationWidth * pixelBytes, stride = <usize>task.strideWidth * pixelBytes;
  const wide = task.channels & ~7;
  x -= <usize>task.padLeft * pixelBytes;
  for (let kx = 0; kx < task.filterWidth; kx += 3) {
    const taps = min(3, task.filterWidth - kx);
    let shared = firstPixel(task, kx), sharedEnd = taps == 3 ? max(shared, endPixel(task, kx + 2)) : shared;
    const from = x + <usize>kx * dilation, to = sums + <usize>kx * pixelBytes;
    for (let channel = 0; channel < wide && shared < sharedEnd; channel += 8) {
      const skip = <usize>channel << 2;
      threeTaps(from + <usize>shared * stride + skip, dilation, stride, dy + <usize>shared * pixelBytes + skip, pixelBytes,
        sharedEnd - shared, to + skip);
    }
    for (let tap = 0; tap < taps; tap++) {
      const first = firstPixel(task, kx + tap), last = endPixel(task, kx + tap);
      const tapX = from + <usize>tap * dilation, tapTo = to + <usize>tap * pixelBytes;
      oneTap(tapX, stride, dy, pixelBytes, first, min(last, shared), 0, wide, tapTo);
      oneTap(tapX, stride, dy, pixelBytes, max(first, sharedEnd), last, 0, wide, tapTo);
      oneTap(tapX, stride, dy, pixelBytes, first, last, wide, task.channels, tapTo);
    }
  }
}

/** Eight channels of three neighbouring taps. */
function threeTaps(x: usize, dilation: usize, stride: usize, dy: usize, pixelBytes: usize, count: i32, to: usize): void {
  const second = to + pixelBytes, third = second + pixelBytes;
  let a0 = v128.load(to), a1 = v128.load(to, 16), b0 = v128.load(second), b1 = v128.load(second, 16);
  let c0 = v128.load(third), c1 = v128.load(third, 16);
  for (; count > 0; count--, x += stride, dy += pixelBytes) {
    const d0 = v128.load(dy), d1 = v128.load(dy, 16);
    let at = x;
    a0 = madd(v128.load(at), d0, a0); a1 = madd(v128.load(at, 16), d1, a1);
    at += dilation;
    b0 = madd(v128.load(at), d0, b0); b1 = madd(v128.load(at, 16), d1, b1);
    at += dilation;
    c0 = madd(v128.load(at), d0, c0); c1 = madd(v128.load(at, 16), d1, c1);
  }
  v128.store(to, a0); v128.store(to, a1, 16);
  v128.store(second, b0); v128.store(second, b1, 16);
  v128.store(third, c0); v128.store(third, c1, 16);
}

/** Channels [channel, end) of one tap for pixels [first, last) of the row. */
function oneTap(x: usize, stride: usize, dy: usize, pixelBytes: usize, first: i32, last: i32, channel: i32, end: i32, to: usize): void {
  if (first >= last) return;
  x += <usize>first * stride;
  dy += <usize>first * pixelBytes;
  for (; channel < end; channel += 4) {
    const skip = <usize>channel << 2, lanes = end - channel;
    let sum = loadLanes(to + skip, lanes);
    for (let i = first, atX = x + skip, atDy = dy + skip; i < last; i++, atX += stride, atDy += pixelBytes) {
      sum = madd(loadLanes(atX, lanes), loadLanes(atDy, lanes), sum);
    }
    storeLanes(to + skip, sum, lanes);
  }
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
