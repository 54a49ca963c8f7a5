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

/** sums[ci][co] (+)= sum over `count` tiles of V[tile][ci] D[tile][co] for rows [begin, end) of ci; `width` columns a tile. */
function outerProduct(count: i32, v: usize, vRow: usize, d: usize, dRow: usize, sums: usize, begin: i32, end: i32, add: bool,
  width: i32, zeros: usize): void {
  for (let column: usize = 0; column < dRow; column += <usize>width << 2) {
    for (let ci = begin; ci < end; ) {
      const rows = nextOuterRows(end - ci);
      const a = v + (<usize>ci << 2), b = d + column, c = sums + <usize>ci * dRow + column;
      if (rows == 4) {
        outerTile4(count, a, vRow, b, dRow, c, dRow, add);
        if (width > PANEL) outerTile4(count, a, vRow, b + 32, dRow, c + 32, dRow, add);
      } else if (width > PANEL) {
        outerTile6x16(count, a, vRow, b, dRow, c, dRow, add ? 0 : zeros);
      } else {
        outerTile6(count, a, vRow, b, dRow, c, dRow, add);
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
        outerProduct(
          stop - tile, v + p * job.fromPitch, vRow, d + p * job.toPitch, dRow, sums + p * job.transformedPitch, 0, inner, tile > first, job.panel, job.zeros,
        );
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
  const vRow = roundToLine(inner), dRow = roundToLine(job.to.channels);
  const units = (inner + rowsPerUnit - 1) / rowsPerUnit;
  for (let unit = begin; unit < end; unit++) {
    const p = <usize>(unit / units), ci = unit % units * rowsPerUnit;
    outerProduct(
      count, job.sharedFrom + p * job.fromPitch, vRow, job.sharedTo + p * job.toPitch, dRow,
      job.transformed + p * job.transformedPitch, ci, min(ci + rowsPerUnit, inner), add != 0, job.panel, job.zeros,
    );
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
