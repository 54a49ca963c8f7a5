// dx of a convolution with few input channels: each pixel of dy, times the filter, is a window of
// products [filterHeight, filterWidth, inChannels], and these are added to dx where the window lies.
// A gathering product would waste most of a panel of 8 columns on 1, 3 or 6 channels, and multiply the
// zeros around dy.
import { ROW_ENTRY, TILE_ROWS } from '../../backends/wasm-cnn/asm/row-tile';
import { packRun, registerTile, STEP_BYTES } from '../../backends/wasm-cnn/asm/register-tile';
import { clearFloats } from '../../backends/wasm-cnn/asm/move';
import { giveSlot, takeSlot } from '../../backends/wasm-cnn/asm/slots';

/** Pixels of dy multiplied before their windows are added: a multiple of the tiles' 5 and 6 rows. */
const PIXELS: i32 = 60;

@unmanaged class ScatterTask {
  dy: usize;
  dx: usize;
  inHeight: i32;
  inWidth: i32;
  inChannels: i32;
  outHeight: i32;
  outWidth: i32;
  outChannels: i32;
  filterHeight: i32;
  filterWidth: i32;
  strideHeight: i32;
  strideWidth: i32;
  dilationHeight: i32;
  dilationWidth: i32;
  padTop: i32;
  padLeft: i32;
  /** [outChannels, window] in panels. */
  packed: usize;
  panels: i32;
  /** One slot a thread: the row table, the packed dy of a tile, PIXELS windows of whole panels. */
  flags: usize;
  slots: usize;
  slotCount: i32;
  slotBytes: usize;
}

/** Pictures [begin, end). */
export function conv2dScatterDx(begin: i32, end: i32, task: ScatterTask): void {
  const slot = takeSlot(task.flags, task.slotCount), table = task.slots + <usize>slot * task.slotBytes;
  const packed = table + <usize>PIXELS * ROW_ENTRY;
  const windows = packed + <usize>task.outChannels * STEP_BYTES + 64 - (<usize>task.outChannels * STEP_BYTES & 15);
  const floats = task.inHeight * task.inWidth * task.inChannels, pixels = task.outHeight * task.outWidth;
  for (let batch = begin; batch < end; batch++) {
    const dx = task.dx + (<usize>batch * <usize>floats << 2);
    clearFloats(dx, floats);
    for (let pixel = 0; pixel < pixels; pixel += PIXELS) {
      const count = min(PIXELS, pixels - pixel);
      multiply(task, batch * pixels + pixel, count, table, packed, windows);
      add(task, pixel, count, windows, dx);
    }
  }
  giveSlot(task.flags, slot);
}

/** The windows of `count` pixels of dy. */
function multiply(task: ScatterTask, pixel: i32, count: i32, table: usize, packed: usize, windows: usize): void {
  const dyBytes = <usize>task.outChannels << 2, windowBytes = <usize>task.panels << 5;
  const filled = (count + TILE_ROWS - 1) / TILE_ROWS * TILE_ROWS;
  for (let i = 0; i < filled; i++) {
    const row = min(i, count - 1), entry = table + <usize>i * ROW_ENTRY;
    store<usize>(entry, task.dy + <usize>(pixel + row) * dyBytes);
    store<usize>(entry, windows + <usize>row * windowBytes, 4);
  }
  // A panel: 8 zeros to begin with, then its rows.
  const panelBytes = (<usize>task.outChannels + 1) << 5;
  for (let i = 0; i < filled; i += TILE_ROWS) {
    const entry = table + <usize>i * ROW_ENTRY;
    packRun(entry, 0, task.outChannels, packed);
    let b = task.packed;
    for (let panel = 0; panel < task.panels; panel++, b += panelBytes) {
      registerTile(packed, b + 32, b + panelBytes, entry + 4, <usize>panel << 5, b);
    }
  }
}

/** Adds the windows of `count` pixels from `pixel` on to a picture of dx, in the order of the pixels. */
function add(task: ScatterTask, pixel: i32, count: i32, window: usize, dx: usize): void {
  const channels = task.inChannels, pixelBytes = <usize>channels << 2, windowBytes = <usize>task.panels << 5;
  const width = task.inWidth, dilation = task.dilationWidth, filterWidth = task.filterWidth;
  for (const end = pixel + count; pixel < end; pixel++, window += windowBytes) {
    const row = pixel / task.outWidth;
    const y = row * task.strideHeight - task.padTop, x = (pixel - row * task.outWidth) * task.strideWidth - task.padLeft;
    let first = 0, last = filterWidth;
    while (first < last && x + first * dilation < 0) first++;
    while (last > first && x + (last - 1) * dilation >= width) last--;
    for (let ky = 0; ky < task.filterHeight; ky++) {
      const inY = y + ky * task.dilationHeight;
      if (inY < 0 || inY >= task.inHeight) continue;
      const to = dx + <usize>(inY * width + x) * pixelBytes, from = window + <usize>(ky * filterWidth) * pixelBytes;
      if (dilation == 1) {
        addFloats(from + <usize>first * pixelBytes, to + <usize>first * pixelBytes, (last - first) * channels);
      } else {
        for (let kx = first; kx < last; kx++) addFloats(from + <usize>kx * pixelBytes, to + <usize>(kx * dilation) * pixelBytes, channels);
      }
    }
  }
}

// @ts-ignore: decorator
@inline function addFloats(from: usize, to: usize, count: i32): void {
  for (; count >= 4; count -= 4, from += 16, to += 16) v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
  for (; count > 0; count--, from += 4, to += 4) f32.store(to, f32.load(to) + f32.load(from));
}
