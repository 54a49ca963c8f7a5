// dfilter of a depthwise convolution: for each tap and channel the sum of x dy over all pixels, in chunks
// of rows whose sums are added afterwards (columnSums).
import { loadLanes, storeLanes } from '../../backends/wasm-cnn/asm/lanes';
import { madd } from '../../backends/wasm-cnn/asm/simd';

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
      depthwiseThreeTaps(from + <usize>shared * stride + skip, dilation, stride, dy + <usize>shared * pixelBytes + skip, pixelBytes,
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

/** Eight channels of three neighbouring taps. Exported so that Binaryen does not inline it, see register-tile.ts. */
export function depthwiseThreeTaps(x: usize, dilation: usize, stride: usize, dy: usize, pixelBytes: usize, count: i32, to: usize): void {
  const second = to + pixelBytes, third = second + pixelBytes;
  let a0 = v128.load(to), a1 = v128.load(to, 16), b0 = v128.load(second), b1 = v128.load(second, 16);
  let c0 = v128.load(third), c1 = v128.load(third, 16);
  for (const end = dy + <usize>count * pixelBytes; dy < end; x += stride, dy += pixelBytes) {
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
