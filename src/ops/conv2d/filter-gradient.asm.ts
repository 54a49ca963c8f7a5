// dfilter = XT DY summed over all pixels of y: tiles of a few neighbouring floats of the window by 8
// output channels. x is packed a tile and a block of pixels at a time, through the address of each
// pixel's window; dy once for all in panels of 8 channels.
import { ROW_ENTRY, TILE_ROWS } from '../../backends/wasm-cnn/asm/row-tile';
import { packPixels, registerTile } from '../../backends/wasm-cnn/asm/register-tile';
import { loadLanes } from '../../backends/wasm-cnn/asm/lanes';
import { clearFloats, copyFloats } from '../../backends/wasm-cnn/asm/move';
import { registerTile16 } from '../../backends/wasm-cnn/asm/wide-tile';
import { giveSlot, takeSlot } from '../../backends/wasm-cnn/asm/slots';

/** Pixels summed before the next tile has its turn: 6 KiB of packed x, which stay in the first-level cache. */
const PIXEL_BLOCK: i32 = 256;

/** Bytes of a thread's workspace, see sumBlock. */
// @ts-ignore: decorator
@inline const SLOT_BYTES: usize = 192 + 256 * 24;

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
  /** Columns of a panel, and the panels of a group. */
  panel: i32;
  panels: i32;
  /** The address of each pixel's window. */
  table: usize;
  /** [group, panel, pixel, its columns]. */
  packed: usize;
  /** Triples {byte offset into the window, row of dfilter, rows}. */
  tiles: usize;
  tileCount: i32;
  tileGroup: i32;
  tileGroups: i32;
  chunkPixels: i32;
  chunks: i32;
  /** [chunk, group, tile, panel, tile rows, its columns]. */
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
      const group = panel / task.panels, channel = (panel - group * task.panels) * task.panel;
      const from = task.dy + <usize>pixel * pixelBytes + (<usize>(group * task.groupChannels + channel) << 2);
      const to = task.packed + (<usize>(panel * task.pixels + pixel) * <usize>task.panel << 2);
      packDy(from, pixelBytes, last - pixel, min(task.panel, task.groupChannels - channel), task.panel, to);
    }
  }
}

/** `count` channels of some pixels, zeros up to the panel's columns. */
function packDy(from: usize, pixelBytes: usize, pixels: i32, count: i32, panel: i32, to: usize): void {
  for (const step = <usize>panel << 2; pixels > 0; pixels--, from += pixelBytes, to += step) {
    if (count == 8 && panel == 8) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
    } else if (panel == 8) {
      v128.store(to, loadLanes(from, count));
      v128.store(to, count > 4 ? loadLanes(from + 16, count - 4) : f32x4.splat(0), 16);
    } else {
      copyFloats(from, to, count);
      for (let i = count; i < panel; i++) f32.store(to + (<usize>i << 2), 0);
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

/** Bytes of a tile of sums. */
// @ts-ignore: decorator
@inline function tileBytes(task: FilterGradientTask): usize {
  return <usize>(TILE_ROWS * task.panel) << 2;
}

/** Pieces [begin, end) of chunks x groups x tileGroups: the sums over a chunk of pixels. */
export function filterGradientTiles(begin: i32, end: i32, task: FilterGradientTask): void {
  const groups = task.channels / task.groupChannels;
  const slot = takeSlot(task.flags, task.slotCount), workspace = task.slots + <usize>slot * SLOT_BYTES;
  for (let piece = begin; piece < end; piece++) {
    const part = piece / task.tileGroups, firstTile = (piece - part * task.tileGroups) * task.tileGroup;
    const chunk = part / groups, group = part - chunk * groups;
    const sums = task.partial + <usize>(part * task.tileCount * task.panels) * tileBytes(task);
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
  // The workspace: 16 zeros, the rows' pointers (the same for all tiles, which lie at `skip`), packed x.
  const rows = workspace + 64, x = workspace + 192, stepBytes = <usize>task.panel << 2;
  clearFloats(workspace, 16);
  for (let r = 0; r < TILE_ROWS; r++) store<usize>(rows + <usize>r * ROW_ENTRY, sums + <usize>r * stepBytes);
  const from = task.table + (<usize>pixel << 2), to = task.table + (<usize>end << 2);
  const panels = task.panels, panelBytes = <usize>task.pixels * stepBytes, start: usize = first ? workspace : 0;
  const dy = task.packed + <usize>(group * panels) * panelBytes + <usize>pixel * stepBytes, dyBytes = <usize>(end - pixel) * stepBytes;
  for (; tile < lastTile; tile++) {
    packPixels(from, to, load<usize>(task.tiles + <usize>tile * 12) + <usize>group * task.xGroup, x);
    let skip = <usize>(tile * panels) * tileBytes(task), at = dy;
    for (let panel = 0; panel < panels; panel++, at += panelBytes, skip += tileBytes(task)) {
      if (task.panel == 8) registerTile(x, at, at + dyBytes, rows, skip, start);
      else registerTile16(x, at, at + dyBytes, rows, skip, start);
    }
  }
}

/** Tiles [begin, end) of groups x tiles: the chunks' sums, in their order, to where they belong. */
export function filterGradientSum(begin: i32, end: i32, task: FilterGradientTask): void {
  const groups = task.channels / task.groupChannels, stepBytes = <usize>task.panel << 2;
  const chunkBytes = <usize>(groups * task.tileCount * task.panels) * tileBytes(task);
  for (let index = begin; index < end; index++) {
    const group = index / task.tileCount, tile = task.tiles + <usize>(index - group * task.tileCount) * 12;
    const rows = load<i32>(tile, 8);
    for (let panel = 0; panel < task.panels; panel++) {
      const channel = panel * task.panel, count = min(task.panel, task.groupChannels - channel);
      let from = task.partial + <usize>(index * task.panels + panel) * tileBytes(task);
      let to = task.dfilter + (<usize>(load<i32>(tile, 4) * task.channels + group * task.groupChannels + channel) << 2);
      for (let row = 0; row < rows; row++, from += stepBytes, to += <usize>task.channels << 2) {
        for (let at = from; at < from + stepBytes; at += 16) {
          let sum = v128.load(at);
          for (let chunk = 1, other = at + chunkBytes; chunk < task.chunks; chunk++, other += chunkBytes) {
            sum = f32x4.add(sum, v128.load(other));
          }
          v128.store(at, sum);
        }
        copyFloats(from, to, count);
      }
    }
  }
}
