// Convolution 3x3 with stride 1 by Winograd's F(4x4, 3x3); the matrices are in asm/winograd-tile.ts.
import { PANEL, ROW_ENTRY, TILE_ROWS, rowTile } from '../../backends/wasm-cnn/asm/row-tile';
import { giveSlot, takeSlot } from '../../backends/wasm-cnn/asm/slots';
import { WinogradJob } from '../../backends/wasm-cnn/asm/winograd-job';
import { panelOfFilters, panelOfTurnedFilters } from '../../backends/wasm-cnn/asm/winograd-filters';
import { PIXELS, ROWS, TEMP, gatherInput, groupOffset, pointToPixels, roundToLine } from '../../backends/wasm-cnn/asm/winograd-gather';
import { GROUP, outputTransform } from '../../backends/wasm-cnn/asm/winograd-tile';

// Exported so that Binaryen does not inline it, see row-tile.ts.
export { rowTile } from '../../backends/wasm-cnn/asm/row-tile';

/** Panels [begin, end) of the filters of the whole convolution: U[p][panel][ci][8]. */
export function winogradFilter(begin: i32, end: i32, pointer: usize, turned: i32): void {
  const job = changetype<WinogradJob>(pointer);
  const slot = takeSlot(job.slotFlags, job.slotCount);
  const base = job.slots + <usize>slot * job.slotBytes, inner = job.from.channels;
  for (let panel = begin; panel < end; panel++) {
    const out = job.transformed + (<usize>(panel * inner * PANEL) << 2);
    if (turned) panelOfTurnedFilters(job, panel * PANEL, 0, inner, base, out, job.transformedPitch);
    else panelOfFilters(job, panel * PANEL, 0, inner, base, out, job.transformedPitch);
  }
  giveSlot(job.slotFlags, slot);
}

/** Tiles [begin, end), at most a block, of y = act(conv(x) + bias): transformed, multiplied, transformed back. */
export function winogradTiles(begin: i32, end: i32, pointer: usize): void {
  const job = changetype<WinogradJob>(pointer);
  const slot = takeSlot(job.slotFlags, job.slotCount);
  const base = job.slots + <usize>slot * job.slotBytes;
  const inner = job.from.channels, outer = job.to.channels;
  const fromRow = roundToLine(inner), toRow = roundToLine(outer);
  const rows = base + ROWS;
  const outside = rows + <usize>(job.block + TILE_ROWS) * ROW_ENTRY;
  const v = (outside + toRow + 63) & ~63;
  const m = v + 36 * job.fromPitch;

  gatherInput(job.from, job.zeros, begin, end, base, v, fromRow, job.fromPitch);

  // Rows missing from the last tile of rows repeat the last one there is.
  const count = end - begin;
  const tileEnd = (count + TILE_ROWS - 1) / TILE_ROWS * TILE_ROWS;
  for (let i = 0; i < tileEnd; i++) {
    const entry = rows + <usize>i * ROW_ENTRY;
    const tile = <usize>min(i, count - 1);
    store<usize>(entry, v + tile * fromRow);
    store<usize>(entry, m + tile * toRow, 4);
  }
  const run = base + PIXELS;
  store<i32>(run, inner, 4);
  for (let p: usize = 0; p < 36; p++) {
    store<usize>(run, p * job.fromPitch);
    let panel = job.transformed + p * job.transformedPitch;
    for (let column: usize = 0; column < toRow; column += PANEL << 2, panel += <usize>inner * PANEL << 2) {
      for (let i = 0; i < tileEnd; i += TILE_ROWS) {
        rowTile(rows + <usize>i * ROW_ENTRY, 4, p * job.toPitch + column, run, panel, panel + (<usize>inner << 5), job.zeros);
      }
    }
  }

  const pixels = base + PIXELS;
  for (let i = 0; i < count; i++) {
    pointToPixels(job.to, begin + i, 4, outside, pixels);
    for (let c = 0; c < outer; c += GROUP) {
      const offset = groupOffset(c, outer);
      outputTransform(m + <usize>i * toRow + offset, job.toPitch, base + TEMP, pixels, offset, job.bias + offset, job.activation);
    }
  }
  giveSlot(job.slotFlags, slot);
}
