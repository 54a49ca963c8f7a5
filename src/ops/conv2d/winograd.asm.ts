// Convolution 3x3 with stride 1 by Winograd's F(4x4, 3x3); the matrices are in asm/winograd-tile.ts.
import { ROW_ENTRY, TILE_ROWS } from '../../backends/wasm-cnn/asm/row-tile';
import { giveSlot, takeSlot } from '../../backends/wasm-cnn/asm/slots';
import { WinogradJob } from '../../backends/wasm-cnn/asm/winograd-job';
import { multiplyTiles, transformFilters } from '../../backends/wasm-cnn/asm/winograd-filters';
import { PIXELS, ROWS, TEMP, gatherInput, groupOffset, pointToPixels, roundToLine } from '../../backends/wasm-cnn/asm/winograd-gather';
import { GROUP, outputTransform } from '../../backends/wasm-cnn/asm/winograd-tile';

// Exported so that Binaryen does not inline it, see row-tile.ts.
export { rowTile } from '../../backends/wasm-cnn/asm/row-tile';
export { rowTile16 } from '../../backends/wasm-cnn/asm/wide-tile';

/** Panels [begin, end) of the filters of the whole convolution: U[p][panel][ci][its channels]. */
export function winogradFilter(begin: i32, end: i32, pointer: usize, turned: i32): void {
  const job = changetype<WinogradJob>(pointer);
  const slot = takeSlot(job.slotFlags, job.slotCount);
  const base = job.slots + <usize>slot * job.slotBytes, inner = job.from.channels, width = job.panel;
  for (let panel = begin; panel < end; panel++) {
    const out = job.transformed + (<usize>(panel * inner * width) << 2);
    transformFilters(job, turned != 0, panel * width, width, 0, inner, base, out, job.transformedPitch);
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
  for (let p: usize = 0; p < 36; p++) {
    multiplyTiles(job, rows, tileEnd, p * job.fromPitch, inner, job.transformed + p * job.transformedPitch, p * job.toPitch, outer, job.zeros);
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
