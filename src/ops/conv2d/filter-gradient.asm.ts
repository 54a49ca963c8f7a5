// dfilter = XT DY summed over all pixels of y: tiles of a few neighbouring floats of the window by 8
// output channels. x is packed a tile and a block of pixels at a time, through the address of each
// pixel's window; dy once for all in panels of 8 channels.
import { ROW_ENTRY, TILE_ROWS } from '../../backends/wasm-cnn/asm/row-tile';
import { packPixels, registerTile } from '../../backends/wasm-cnn/asm/register-tile';
import { copyFloats } from '../../backends/wasm-cnn/asm/move';
import { giveSlot, takeSlot } from '../../backends/wasm-cnn/asm/slots';

/** Bytes of a tile of sums. */
// @ts-ignore: decorator
@inline const TILE_BYTES: usize = <usize>TILE_ROWS << 5;

/** Pixels summed before the next tile has its turn: 6 KiB of packed x, which stay in the first-level cache. */
const PIXEL_BLOCK: i32 = 256;

/** Bytes of a thread's workspace, see sumBlock. */
// @ts-ignore: decorator
@inline const SLOT_BYTES: usize = 128 + 256 * 24;

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
  /** One slot a thread. */
  flags: usize;
  slots: usize;
  slotCount: i32;
}

/** How many rows a tile has in this build. */
export function filterGradientTileRows(): i32 {
  return TILE_ROWS;
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
  const groups = task.channels / task.groupChannels;
  const slot = takeSlot(task.flags, task.slotCount), workspace = task.slots + <usize>slot * SLOT_BYTES;
  for (let piece = begin; piece < end; piece++) {
    const part = piece / task.tileGroups, firstTile = (piece - part * task.tileGroups) * task.tileGroup;
    const chunk = part / groups, group = part - chunk * groups;
    const sums = task.partial + <usize>(part * task.tileCount * task.panels) * TILE_BYTES;
    const first = chunk * task.chunkPixels, last = min(first + task.chunkPixels, task.pixels);
    for (let pixel = first; pixel < last; pixel += PIXEL_BLOCK) {
      sumBlock(task, group, firstTile, min(firstTile + task.tileGroup, task.tileCount), pixel, min(pixel + PIXEL_BLOCK, last),
        sums, pixel == first, workspace);
    }
  }
  giveSlot(task.flags, slot);
}

/** Pixels [pixel, end) of a group, for tiles [tile, lastTile). */
function sumBlock(task: FilterGradientTask, group: i32, tile: i32, lastTile: i32, pixel: i32, end: i32, sums: usize,
  first: bool, workspace: usize): void {
  // The workspace: 8 zeros, the rows' pointers (the same for all tiles, which lie at `skip`), packed x.
  const rows = workspace + 32, x = rows + 6 * ROW_ENTRY + 24;
  v128.store(workspace, f32x4.splat(0));
  v128.store(workspace, f32x4.splat(0), 16);
  for (let r = 0; r < TILE_ROWS; r++) store<usize>(rows + <usize>r * ROW_ENTRY, sums + (<usize>r << 5));
  const from = task.table + (<usize>pixel << 2), to = task.table + (<usize>end << 2);
  const panels = task.panels, panelBytes = <usize>task.pixels << 5;
  const dy = task.packed + <usize>(group * panels) * panelBytes + (<usize>pixel << 5), dyBytes = <usize>(end - pixel) << 5;
  for (; tile < lastTile; tile++) {
    packPixels(from, to, load<usize>(task.tiles + <usize>tile * 12) + <usize>group * task.xGroup, x);
    let skip = <usize>(tile * panels) * TILE_BYTES, at = dy;
    for (let panel = 0; panel < panels; panel++, at += panelBytes, skip += TILE_BYTES) {
      registerTile(x, at, at + dyBytes, rows, skip, first ? workspace : 0);
    }
  }
}

/** Tiles [begin, end) of groups x tiles: the chunks' sums, in their order, to where they belong. */
export function filterGradientSum(begin: i32, end: i32, task: FilterGradientTask): void {
  const groups = task.channels / task.groupChannels, panels = task.panels;
  const chunkBytes = <usize>(groups * task.tileCount * panels) * TILE_BYTES;
  for (let index = begin; index < end; index++) {
    const group = index / task.tileCount, tile = task.tiles + <usize>(index - group * task.tileCount) * 12;
    const rows = load<i32>(tile, 8);
    for (let panel = 0; panel < panels; panel++) {
      const channel = panel * 8, count = min(8, task.groupChannels - channel);
      let from = task.partial + <usize>(index * panels + panel) * TILE_BYTES;
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
