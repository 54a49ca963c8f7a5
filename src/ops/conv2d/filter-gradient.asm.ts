// dfilter = XT DY summed over all pixels of y: tiles of a few neighbouring floats of the window by 8
// output channels. x is read where it lies, through the address of each pixel's window; dy is packed
// once in panels of 8 channels.
import { PIXEL_TILE_BYTES, PIXEL_TILE_ROWS, pixelTile } from '../../backends/wasm-cnn/asm/pixel-tile';
import { copyFloats } from '../../backends/wasm-cnn/asm/move';

// Exported so that Binaryen does not inline it: inside of a caller's loops V8 spills the sums (measured: half the speed).
export { pixelTile } from '../../backends/wasm-cnn/asm/pixel-tile';

/** Pixels summed before the next tile has its turn: 8 KiB of a panel, which stay in the first-level cache. */
const PIXEL_BLOCK: i32 = 256;

/** Steps in bytes. */
@unmanaged class FilterGradientTask {
  x: usize;
  xBatch: usize;
  xRow: usize;
  xColumn: usize;
  /** From one group's channels to the next. */
  xGroup: usize;
  dy: usize;
  dfilter: usize;
  /** Pixels of y: batch x height x width. */
  pixels: i32;
  height: i32;
  width: i32;
  /** All output channels, and a group's. */
  channels: i32;
  groupChannels: i32;
  /** Panels of a group. */
  panels: i32;
  /** The address of each pixel's window. */
  table: usize;
  /** [group, panel, pixel, 8]. */
  packed: usize;
  /** Triples {byte offset into the window, row of dfilter, rows}. */
  tiles: usize;
  tileCount: i32;
  tileGroup: i32;
  tileGroups: i32;
  chunkPixels: i32;
  chunks: i32;
  /** [chunk, group, tile, panel, tile rows, 8]. */
  partial: usize;
}

/** How many rows a tile has in this build. */
export function filterGradientTileRows(): i32 {
  return PIXEL_TILE_ROWS;
}

/** Pixels [begin, end): the addresses of their windows, and their dy in panels. */
export function filterGradientPack(begin: i32, end: i32, task: FilterGradientTask): void {
  addressWindows(begin, end, task);
  const panels = task.channels / task.groupChannels * task.panels, pixelBytes = <usize>task.channels << 2;
  for (let pixel = begin; pixel < end; pixel += 64) {
    const last = min(pixel + 64, end);
    for (let panel = 0; panel < panels; panel++) {
      const group = panel / task.panels, channel = (panel - group * task.panels) * 8;
      const count = min(8, task.groupChannels - channel);
      let from = task.dy + <usize>pixel * pixelBytes + (<usize>(group * task.groupChannels + channel) << 2);
      let to = task.packed + (<usize>(panel * task.pixels + pixel) << 5);
      for (let i = pixel; i < last; i++, from += pixelBytes, to += 32) {
        if (count < 8) {
          v128.store(to, f32x4.splat(0));
          v128.store(to, f32x4.splat(0), 16);
          copyFloats(from, to, count);
        } else {
          v128.store(to, v128.load(from));
          v128.store(to, v128.load(from, 16), 16);
        }
      }
    }
  }
}

function addressWindows(begin: i32, end: i32, task: FilterGradientTask): void {
  const line = begin / task.width, batch = line / task.height;
  let column = begin - line * task.width, row = line - batch * task.height;
  let picture = task.x + <usize>batch * task.xBatch;
  let x = picture + <usize>row * task.xRow + <usize>column * task.xColumn;
  for (let pixel = begin; pixel < end; pixel++) {
    store<usize>(task.table + (<usize>pixel << 2), x);
    x += task.xColumn;
    if (++column < task.width) continue;
    column = 0;
    if (++row == task.height) {
      row = 0;
      picture += task.xBatch;
    }
    x = picture + <usize>row * task.xRow;
  }
}

/** Pieces [begin, end) of chunks x groups x tileGroups: the sums over a chunk of pixels. */
export function filterGradientTiles(begin: i32, end: i32, task: FilterGradientTask): void {
  const groups = task.channels / task.groupChannels, panels = task.panels;
  for (let piece = begin; piece < end; piece++) {
    const part = piece / task.tileGroups, firstTile = (piece - part * task.tileGroups) * task.tileGroup;
    const lastTile = min(firstTile + task.tileGroup, task.tileCount);
    const chunk = part / groups, group = part - chunk * groups;
    const partial = task.partial + <usize>(part * task.tileCount * panels) * PIXEL_TILE_BYTES;
    const first = chunk * task.chunkPixels, last = min(first + task.chunkPixels, task.pixels);
    for (let pixel = first; pixel < last; pixel += PIXEL_BLOCK) {
      const from = task.table + (<usize>pixel << 2), to = task.table + (<usize>min(pixel + PIXEL_BLOCK, last) << 2);
      for (let panel = 0; panel < panels; panel++) {
        const dy = task.packed + (<usize>((group * panels + panel) * task.pixels + pixel) << 5);
        for (let tile = firstTile; tile < lastTile; tile++) {
          const offset = load<usize>(task.tiles + <usize>tile * 12) + <usize>group * task.xGroup;
          pixelTile(from, to, offset, dy, partial + <usize>(tile * panels + panel) * PIXEL_TILE_BYTES, pixel > first);
        }
      }
    }
  }
}

/** Tiles [begin, end) of groups x tiles: the chunks' sums, in their order, to where they belong. */
export function filterGradientSum(begin: i32, end: i32, task: FilterGradientTask): void {
  const groups = task.channels / task.groupChannels, panels = task.panels;
  const chunkBytes = <usize>(groups * task.tileCount * panels) * PIXEL_TILE_BYTES;
  for (let index = begin; index < end; index++) {
    const group = index / task.tileCount, tile = task.tiles + <usize>(index - group * task.tileCount) * 12;
    const rows = load<i32>(tile, 8);
    for (let panel = 0; panel < panels; panel++) {
      const channel = panel * 8, count = min(8, task.groupChannels - channel);
      let from = task.partial + <usize>(index * panels + panel) * PIXEL_TILE_BYTES;
      let to = task.dfilter + (<usize>(load<i32>(tile, 4) * task.channels + group * task.groupChannels + channel) << 2);
      for (let row = 0; row < rows; row++, from += 32, to += <usize>task.channels << 2) {
        let left = v128.load(from), right = v128.load(from, 16);
        for (let chunk = 1, at = from + chunkBytes; chunk < task.chunks; chunk++, at += chunkBytes) {
          left = f32x4.add(left, v128.load(at));
          right = f32x4.add(right, v128.load(at, 16));
        }
        if (count == 8) {
          v128.store(to, left);
          v128.store(to, right, 16);
        } else {
          v128.store(from, left);
          v128.store(from, right, 16);
          copyFloats(from, to, count);
        }
      }
    }
  }
}
