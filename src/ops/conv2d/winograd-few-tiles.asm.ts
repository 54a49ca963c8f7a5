// Winograd's convolution of few tiles and many channels. There the transformed filters are the greater part of the
// memory: four times the filters, more than the caches hold, and each is used for a few tiles only. So a piece of
// work is a group of output channels for all tiles: it transforms its filters a block of input channels at a time,
// multiplies them where they lie in the cache, and forgets them. The transformed tiles are made once, for all.
import { ROW_ENTRY, TILE_ROWS } from '../../backends/wasm-cnn/asm/row-tile';
import { giveSlot, takeSlot } from '../../backends/wasm-cnn/asm/slots';
import { multiplyTiles, transformFilters } from '../../backends/wasm-cnn/asm/winograd-filters';
import { PIXELS, ROWS, TEMP, gatherInput, pointToPixels, roundToLine } from '../../backends/wasm-cnn/asm/winograd-gather';
import { WinogradJob } from '../../backends/wasm-cnn/asm/winograd-job';
import { GROUP, outputTransform } from '../../backends/wasm-cnn/asm/winograd-tile';

/** V of tiles [begin, end), shared by all pieces. */
export function winogradInput(begin: i32, end: i32, pointer: usize): void {
  const job = changetype<WinogradJob>(pointer);
  const slot = takeSlot(job.slotFlags, job.slotCount);
  const row = roundToLine(job.from.channels);
  gatherInput(job.from, job.zeros, begin, end, job.slots + <usize>slot * job.slotBytes, job.sharedFrom + <usize>begin * row, row, job.fromPitch);
  giveSlot(job.slotFlags, slot);
}

/**
 * Groups [begin, end) of `columns` output channels (a multiple of 8; so are all together), `depth` input channels at a
 * time. A slot holds, behind what all kernels have: the rows' table, a row for what lies outside, the filters, M.
 */
export function winogradColumns(begin: i32, end: i32, pointer: usize, columns: i32, depth: i32, turned: i32): void {
  const job = changetype<WinogradJob>(pointer);
  const slot = takeSlot(job.slotFlags, job.slotCount);
  const base = job.slots + <usize>slot * job.slotBytes;
  const tiles = job.tiles, inner = job.from.channels, outer = job.to.channels;
  const fromRow = roundToLine(inner), toRow = <usize>columns << 2;
  const rows = base + ROWS;
  const outside = rows + <usize>(tiles + TILE_ROWS) * ROW_ENTRY;
  const filters = (outside + roundToLine(outer) + 63) & ~63;
  const m = filters + 36 * job.transformedPitch;

  // Rows missing from the last tile of rows repeat the last one there is.
  const tileEnd = (tiles + TILE_ROWS - 1) / TILE_ROWS * TILE_ROWS;
  for (let i = 0; i < tileEnd; i++) {
    const entry = rows + <usize>i * ROW_ENTRY, tile = <usize>min(i, tiles - 1);
    store<usize>(entry, job.sharedFrom + tile * fromRow);
    store<usize>(entry, m + tile * toRow, 4);
  }
  for (let group = begin; group < end; group++) {
    const column = group * columns, count = min(columns, outer - column);
    for (let first = 0; first < inner; first += depth) {
      const last = min(first + depth, inner);
      transformFilters(job, turned != 0, column, count, first, last, base, filters, job.transformedPitch);
      for (let p: usize = 0; p < 36; p++) {
        const from = p * job.fromPitch + (<usize>first << 2), u = filters + p * job.transformedPitch;
        multiplyTiles(job, rows, tileEnd, from, last - first, u, p * job.toPitch, count, first ? 0 : job.zeros);
      }
    }
    for (let tile = 0; tile < tiles; tile++) {
      pointToPixels(job.to, tile, 4, outside, base + PIXELS);
      for (let c = 0; c < count; c += GROUP) {
        const at = <usize>c << 2, offset = <usize>(column + c) << 2;
        outputTransform(m + <usize>tile * toRow + at, job.toPitch, base + TEMP, base + PIXELS, offset, job.bias + offset, job.activation);
      }
    }
  }
  giveSlot(job.slotFlags, slot);
}
