// The filter gradient of a 3x3 convolution with stride 1 by the adjoint of Winograd's F(4x4, 3x3):
// dfilter = GT [ sum over tiles of (A dy AT) * (BT x B) ] G; the matrices are in asm/winograd-tile.ts.
import { nextOuterRows, outerTile4, outerTile6 } from '../../backends/wasm-cnn/asm/outer-tile';
import { outerTile6x16 } from '../../backends/wasm-cnn/asm/wide-tile';
import { PANEL } from '../../backends/wasm-cnn/asm/row-tile';
import { giveSlot, takeSlot } from '../../backends/wasm-cnn/asm/slots';
import { ROWS, TEMP, gatherGradient, gatherInput, roundToLine } from '../../backends/wasm-cnn/asm/winograd-gather';
import { WinogradJob } from '../../backends/wasm-cnn/asm/winograd-job';
import { filterBackTransform } from '../../backends/wasm-cnn/asm/winograd-tile';

// Exported so that Binaryen does not inline them, see outer-tile.ts.
export { outerTile4, outerTile6 } from '../../backends/wasm-cnn/asm/outer-tile';
export { outerTile6x16 } from '../../backends/wasm-cnn/asm/wide-tile';

/**
 * sums[ci][co] (+)= sum over `count` tiles of V[tile][ci] D[tile][co] for rows [begin, end) of ci and `row` bytes of co,
 * which is also the length of a row of sums.
 */
function outerProduct(job: WinogradJob, count: i32, v: usize, d: usize, sums: usize, row: usize, begin: i32, end: i32, add: bool): void {
  const vRow = roundToLine(job.from.channels), dRow = roundToLine(job.to.channels), width = job.panel;
  for (let column: usize = 0; column < row; column += <usize>width << 2) {
    for (let ci = begin; ci < end; ) {
      const rows = nextOuterRows(end - ci);
      const a = v + (<usize>ci << 2), b = d + column, c = sums + <usize>ci * row + column;
      if (rows == 4) {
        outerTile4(count, a, vRow, b, dRow, c, row, add);
        if (width > PANEL) outerTile4(count, a, vRow, b + 32, dRow, c + 32, row, add);
      } else if (width > PANEL) {
        outerTile6x16(count, a, vRow, b, dRow, c, row, add ? 0 : job.zeros);
      } else {
        outerTile6(count, a, vRow, b, dRow, c, row, add);
      }
      ci += rows;
    }
  }
}

/** Few channels: pieces [begin, end) of the tiles, each with sums of its own; a block's V and D stay in the cache. */
export function winogradPieceSums(begin: i32, end: i32, pointer: usize): void {
  const job = changetype<WinogradJob>(pointer);
  const slot = takeSlot(job.slotFlags, job.slotCount);
  const base = job.slots + <usize>slot * job.slotBytes;
  const inner = job.from.channels;
  const vRow = roundToLine(inner), dRow = roundToLine(job.to.channels);
  const v = (base + ROWS + 63) & ~63;
  const d = v + 36 * job.fromPitch;
  for (let piece = begin; piece < end; piece++) {
    const first = <i32>(<i64>job.tiles * piece / job.pieces), last = <i32>(<i64>job.tiles * (piece + 1) / job.pieces);
    const sums = job.transformed + <usize>piece * job.pieceBytes;
    for (let tile = first; tile < last; tile += job.block) {
      const stop = min(tile + job.block, last);
      gatherInput(job.from, job.zeros, tile, stop, base, v, vRow, job.fromPitch);
      gatherGradient(job.to, job.zeros, tile, stop, base, d, dRow, job.toPitch);
      for (let p: usize = 0; p < 36; p++) {
        const m = sums + p * job.transformedPitch;
        outerProduct(job, stop - tile, v + p * job.fromPitch, d + p * job.toPitch, m, dRow, 0, inner, tile > first);
      }
    }
  }
  giveSlot(job.slotFlags, slot);
}

/** Many channels, first half: V and D of tiles first + [begin, end), shared by all threads. */
export function winogradSharedTiles(begin: i32, end: i32, pointer: usize, first: i32): void {
  const job = changetype<WinogradJob>(pointer);
  const slot = takeSlot(job.slotFlags, job.slotCount);
  const base = job.slots + <usize>slot * job.slotBytes;
  const vRow = roundToLine(job.from.channels), dRow = roundToLine(job.to.channels);
  const v = job.sharedFrom + <usize>begin * vRow, d = job.sharedTo + <usize>begin * dRow;
  gatherInput(job.from, job.zeros, first + begin, first + end, base, v, vRow, job.fromPitch);
  gatherGradient(job.to, job.zeros, first + begin, first + end, base, d, dRow, job.toPitch);
  giveSlot(job.slotFlags, slot);
}

/** Many channels, second half: rows of the 36 sums, `rowsPerUnit` of ci a unit, over `count` shared tiles. */
export function winogradSharedSums(begin: i32, end: i32, pointer: usize, count: i32, rowsPerUnit: i32, add: i32): void {
  const job = changetype<WinogradJob>(pointer);
  const inner = job.from.channels;
  const row = roundToLine(job.to.channels);
  const units = (inner + rowsPerUnit - 1) / rowsPerUnit;
  for (let unit = begin; unit < end; unit++) {
    const p = <usize>(unit / units), ci = unit % units * rowsPerUnit;
    const v = job.sharedFrom + p * job.fromPitch, d = job.sharedTo + p * job.toPitch, sums = job.transformed + p * job.transformedPitch;
    outerProduct(job, count, v, d, sums, row, ci, min(ci + rowsPerUnit, inner), add != 0);
  }
}

/** dfilter[:, :, ci, :] for ci in [begin, end): the pieces' sums added in order, then GT m G. */
export function winogradFilterBack(begin: i32, end: i32, pointer: usize): void {
  const job = changetype<WinogradJob>(pointer);
  const slot = takeSlot(job.slotFlags, job.slotCount);
  const temp = job.slots + <usize>slot * job.slotBytes + TEMP;
  const outer = job.to.channels;
  const row = roundToLine(outer);
  const tap = <usize>(job.from.channels * outer) << 2;
  for (let ci = begin; ci < end; ci++) {
    for (let c = 0; c < outer; c += 4) {
      const offset = <usize>min(c, outer - 4) << 2;
      let at = job.transformed + <usize>ci * row + offset;
      for (let m = temp; m < temp + 576; m += 16, at += job.transformedPitch) {
        let sum = v128.load(at);
        for (let piece = 1; piece < job.pieces; piece++) sum = f32x4.add(sum, v128.load(at + <usize>piece * job.pieceBytes));
        v128.store(m, sum);
      }
      filterBackTransform(temp, job.filter + (<usize>(ci * outer) << 2) + offset, tap);
    }
  }
  giveSlot(job.slotFlags, slot);
}

/**
 * Few tiles and many channels, second half: parts [begin, end) of dfilter, `rows` of ci by `columns` of co (a multiple of 8,
 * as are all co). The 36 sums of a part stay in the cache until they are transformed back.
 */
export function winogradFilterParts(begin: i32, end: i32, pointer: usize, rows: i32, columns: i32): void {
  const job = changetype<WinogradJob>(pointer);
  const slot = takeSlot(job.slotFlags, job.slotCount);
  const base = job.slots + <usize>slot * job.slotBytes, temp = base + TEMP, sums = (base + ROWS + 63) & ~63;
  const inner = job.from.channels, outer = job.to.channels, across = (outer + columns - 1) / columns;
  const tap = <usize>(inner * outer) << 2;
  for (let part = begin; part < end; part++) {
    const firstRow = part / across * rows, firstColumn = part % across * columns;
    const height = min(rows, inner - firstRow), width = min(columns, outer - firstColumn), row = <usize>width << 2;
    const v = job.sharedFrom + (<usize>firstRow << 2), d = job.sharedTo + (<usize>firstColumn << 2);
    for (let p: usize = 0; p < 36; p++) {
      outerProduct(job, job.tiles, v + p * job.fromPitch, d + p * job.toPitch, sums + p * job.transformedPitch, row, 0, height, false);
    }
    for (let r = 0; r < height; r++) {
      const to = job.filter + (<usize>((firstRow + r) * outer + firstColumn) << 2);
      for (let c: usize = 0; c < row; c += 16) {
        let from = sums + <usize>r * row + c;
        for (let m = temp; m < temp + 576; m += 16, from += job.transformedPitch) v128.store(m, v128.load(from));
        filterBackTransform(temp, to + c, tap);
      }
    }
  }
  giveSlot(job.slotFlags, slot);
}
