// A convolution of pictures with one channel, stride 1 along the row: eight neighbouring pixels of x are a row
// of the right operand as they lie in memory, a few output channels the rows of the tile. Nothing is packed
// but the filter, and few output channels (LeNet's 6) waste nothing.
import { applyActivation } from '../../backends/wasm-cnn/asm/activation';
import { storeLanes } from '../../backends/wasm-cnn/asm/lanes';
import { STEP_BYTES } from '../../backends/wasm-cnn/asm/register-tile';
import { TILE_ROWS } from '../../backends/wasm-cnn/asm/row-tile';
import { madd } from '../../backends/wasm-cnn/asm/simd';
import { giveSlot, takeSlot } from '../../backends/wasm-cnn/asm/slots';

/** Steps in bytes. */
@unmanaged class StemTask {
  /** The window of the first pixel; 8 floats from each of its elements on lie in the row. */
  x: usize;
  xBatch: usize;
  xRow: usize;
  y: usize;
  yPixel: usize;
  outHeight: i32;
  /** At least 8. */
  outWidth: i32;
  channels: i32;
  activation: i32;
  /** Byte offsets of the window's elements. */
  taps: usize;
  tapsEnd: usize;
  filter: usize;
  /** 0 for none. */
  bias: usize;
  /** By group of TILE_ROWS channels: their bias, then their filter, tap after tap. */
  packed: usize;
  /** A tile for each thread. */
  flags: usize;
  slots: usize;
  slotCount: i32;
}

/** Packs groups [begin, end) of the output channels; zeros beyond the last channel. */
export function stemPack(begin: i32, end: i32, task: StemTask): void {
  const channels = task.channels, taps = <i32>((task.tapsEnd - task.taps) >> 2);
  let to = task.packed + <usize>begin * <usize>(taps + 1) * STEP_BYTES;
  for (let group = begin; group < end; group++) {
    for (let tap = -1; tap < taps; tap++) {
      for (let r = 0; r < TILE_ROWS; r++, to += 4) {
        const channel = group * TILE_ROWS + r;
        let value: f32 = 0;
        if (channel < channels) {
          if (tap >= 0) value = f32.load(task.filter + (<usize>(tap * channels + channel) << 2));
          else if (task.bias) value = f32.load(task.bias + (<usize>channel << 2));
        }
        f32.store(to, value);
      }
    }
  }
}

/** Rows [begin, end) of batch x outHeight. */
export function stemRows(begin: i32, end: i32, task: StemTask): void {
  const slot = takeSlot(task.flags, task.slotCount), tile = task.slots + (<usize>slot << 8);
  const channels = task.channels, width = task.outWidth, pixelBytes = task.yPixel;
  const groupBytes = (((task.tapsEnd - task.taps) >> 2) + 1) * STEP_BYTES;
  for (let index = begin; index < end; index++) {
    const batch = index / task.outHeight;
    const x = task.x + <usize>batch * task.xBatch + <usize>(index - batch * task.outHeight) * task.xRow;
    const y = task.y + <usize>(index * width) * pixelBytes;
    for (let channel = 0, a = task.packed; channel < channels; channel += TILE_ROWS, a += groupBytes) {
      for (let column = 0; column < width; column += 8) {
        // The last tile overlaps the one before it.
        const pixel = <usize>min(column, width - 8);
        stemTile(a, x + (pixel << 2), task.taps, task.tapsEnd, tile);
        storeTurned(tile, y + pixel * pixelBytes + (<usize>channel << 2), pixelBytes, min(TILE_ROWS, channels - channel), task.activation);
      }
    }
  }
  giveSlot(task.flags, slot);
}

/** TILE_ROWS channels of 8 pixels, in the form that V8 keeps in registers (register-tile.ts); hence the export. */
export function stemTile(a: usize, x: usize, tap: usize, tapsEnd: usize, to: usize): void {
  let c00 = v128.load32_splat(a), c01 = c00;
  let c10 = v128.load32_splat(a, 4), c11 = c10;
  let c20 = v128.load32_splat(a, 8), c21 = c20;
  let c30 = v128.load32_splat(a, 12), c31 = c30;
  let c40 = v128.load32_splat(a, 16), c41 = c40;
  let c50 = c40, c51 = c40;
  if (TILE_ROWS == 6) {
    c50 = v128.load32_splat(a, 20);
    c51 = c50;
  }
  a += STEP_BYTES;
  while (tap < tapsEnd) {
    const at = x + load<usize>(tap);
    const b0 = v128.load(at), b1 = v128.load(at, 16);
    let f = v128.load32_splat(a);
    c00 = madd(f, b0, c00); c01 = madd(f, b1, c01);
    f = v128.load32_splat(a, 4);
    c10 = madd(f, b0, c10); c11 = madd(f, b1, c11);
    f = v128.load32_splat(a, 8);
    c20 = madd(f, b0, c20); c21 = madd(f, b1, c21);
    f = v128.load32_splat(a, 12);
    c30 = madd(f, b0, c30); c31 = madd(f, b1, c31);
    f = v128.load32_splat(a, 16);
    c40 = madd(f, b0, c40); c41 = madd(f, b1, c41);
    if (TILE_ROWS == 6) {
      f = v128.load32_splat(a, 20);
      c50 = madd(f, b0, c50); c51 = madd(f, b1, c51);
    }
    a += STEP_BYTES;
    tap += 4;
  }
  v128.store(to, c00); v128.store(to, c01, 16);
  v128.store(to, c10, 32); v128.store(to, c11, 48);
  v128.store(to, c20, 64); v128.store(to, c21, 80);
  v128.store(to, c30, 96); v128.store(to, c31, 112);
  v128.store(to, c40, 128); v128.store(to, c41, 144);
  if (TILE_ROWS == 6) { v128.store(to, c50, 160); v128.store(to, c51, 176); }
}

/** The tile's activations, pixel after pixel; `count` of its channels. */
function storeTurned(tile: usize, to: usize, pixelBytes: usize, count: i32, activation: i32): void {
  for (const end = tile + 32; tile < end; tile += 16, to += pixelBytes << 2) {
    const a = applyActivation(v128.load(tile), activation), b = applyActivation(v128.load(tile, 32), activation);
    const c = applyActivation(v128.load(tile, 64), activation), d = applyActivation(v128.load(tile, 96), activation);
    const e = applyActivation(v128.load(tile, 128), activation);
    const f = TILE_ROWS == 6 ? applyActivation(v128.load(tile, 160), activation) : e;
    const ab = i32x4.shuffle(a, b, 0, 4, 1, 5), cd = i32x4.shuffle(c, d, 0, 4, 1, 5);
    const AB = i32x4.shuffle(a, b, 2, 6, 3, 7), CD = i32x4.shuffle(c, d, 2, 6, 3, 7);
    const ef = i32x4.shuffle(e, f, 0, 4, 1, 5), EF = i32x4.shuffle(e, f, 2, 6, 3, 7);
    storePixel(to, i64x2.shuffle(ab, cd, 0, 2), ef, count);
    storePixel(to + pixelBytes, i64x2.shuffle(ab, cd, 1, 3), i64x2.shuffle(ef, ef, 1, 1), count);
    storePixel(to + 2 * pixelBytes, i64x2.shuffle(AB, CD, 0, 2), EF, count);
    storePixel(to + 3 * pixelBytes, i64x2.shuffle(AB, CD, 1, 3), i64x2.shuffle(EF, EF, 1, 1), count);
  }
}

// @ts-ignore: decorator
@inline function storePixel(to: usize, four: v128, two: v128, count: i32): void {
  storeLanes(to, four, count);
  if (count == 6) v128.store_lane<u64>(to, two, 0, 16);
  else if (count == 5) v128.store_lane<u32>(to, two, 0, 16);
}
