// Convolution 3x3 with stride 1 by Winograd's F(4x4, 3x3); the matrices are in asm/winograd-tile.ts.
import { loadTail } from '../../backends/wasm-cnn/asm/tail';
import { PANEL, ROW_ENTRY, TILE_ROWS, rowTile } from '../../backends/wasm-cnn/asm/row-tile';
import { giveSlot, takeSlot } from '../../backends/wasm-cnn/asm/slots';
import { WinogradJob } from '../../backends/wasm-cnn/asm/winograd-job';
import {
  PIXELS, ROWS, TAP, TAPS, TEMP, gatherInput, groupOffset, pointToPixels, roundToLine,
} from '../../backends/wasm-cnn/asm/winograd-gather';
import { GROUP, filterTransform, outputTransform } from '../../backends/wasm-cnn/asm/winograd-tile';

// Exported so that Binaryen does not inline it, see row-tile.ts.
export { rowTile } from '../../backends/wasm-cnn/asm/row-tile';

/** The 4x4 block of rows r0..r3 turned over its diagonal; its rows to `out`, 32 bytes apart. */
// @ts-ignore: decorator
@inline function transpose(r0: v128, r1: v128, r2: v128, r3: v128, out: usize): void {
  const low = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const high = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const low2 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const high2 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(out, v128.shuffle<f64>(low, high, 0, 2));
  v128.store(out, v128.shuffle<f64>(low, high, 1, 3), 32);
  v128.store(out, v128.shuffle<f64>(low2, high2, 0, 2), 64);
  v128.store(out, v128.shuffle<f64>(low2, high2, 1, 3), 96);
}

/** Four numbers at pointer of which `left` exist, zeros for the others. */
function loadUpTo4(pointer: usize, left: i32): v128 {
  if (left >= 4) return v128.load(pointer);
  return left > 0 ? loadTail(pointer, left) : f32x4.splat(0);
}

/** G g GT for panels [begin, end) of 8 output channels: U[p][panel][ci][8] of filter [3, 3, ci, co]. */
export function winogradFilter(begin: i32, end: i32, pointer: usize): void {
  const job = changetype<WinogradJob>(pointer);
  const slot = takeSlot(job.slotFlags, job.slotCount);
  const base = job.slots + <usize>slot * job.slotBytes;
  const temp = base + TEMP, taps = base + TAPS;
  const inner = job.from.channels, outer = job.to.channels;
  const row = <usize>outer << 2, tap = <usize>inner * row;
  let out = job.transformed + (<usize>(begin * inner * PANEL) << 2);
  for (let column = begin * PANEL; column < end * PANEL; column += PANEL) {
    let source = job.filter + (<usize>column << 2);
    const left = outer - column;
    for (let ci = 0; ci < inner; ci++, source += row, out += PANEL << 2) {
      if (left >= PANEL) {
        filterTransform(source, tap, temp, out, job.transformedPitch);
        continue;
      }
      for (let k: usize = 0; k < 9; k++) {
        v128.store(taps + k * TAP, loadUpTo4(source + k * tap, left));
        v128.store(taps + k * TAP, loadUpTo4(source + k * tap + 16, left - 4), 16);
      }
      filterTransform(taps, TAP, temp, out, job.transformedPitch);
    }
  }
  giveSlot(job.slotFlags, slot);
}

/** Taps k of filters ci..ci+3, co..co+3 to out + lane of co * 32; zeros for what does not exist. */
function transposeTaps(filter: usize, ci: i32, co: i32, channelsIn: i32, channelsOut: i32, out: usize): void {
  const row = <usize>channelsOut << 2;
  let source = filter + (<usize>(ci * channelsOut + co) << 2);
  const left = channelsOut - co;
  for (let k = 0; k < 9; k++, source += <usize>channelsIn * row, out += TAP) {
    transpose(
      loadUpTo4(source, ci < channelsIn ? left : 0), loadUpTo4(source + row, ci + 1 < channelsIn ? left : 0),
      loadUpTo4(source + 2 * row, ci + 2 < channelsIn ? left : 0), loadUpTo4(source + 3 * row, ci + 3 < channelsIn ? left : 0), out,
    );
  }
}

/** The same for the input gradient: the filter turned by 180 degrees, its channels swapped; panels of 8 ci, in them co. */
export function winogradFilterTurned(begin: i32, end: i32, pointer: usize): void {
  const job = changetype<WinogradJob>(pointer);
  const slot = takeSlot(job.slotFlags, job.slotCount);
  const base = job.slots + <usize>slot * job.slotBytes;
  const temp = base + TEMP, taps = base + TAPS;
  const inner = job.from.channels, outer = job.to.channels; // co, ci
  let out = job.transformed + (<usize>(begin * inner * PANEL) << 2);
  for (let column = begin * PANEL; column < end * PANEL; column += PANEL) {
    for (let co = 0; co < inner; co += 4) {
      transposeTaps(job.filter, column, co, outer, inner, taps);
      transposeTaps(job.filter, column + 4, co, outer, inner, taps + 16);
      let last = taps + 8 * TAP;
      for (let lanes = min(4, inner - co); lanes > 0; lanes--, last += 32, out += PANEL << 2) {
        filterTransform(last, -<isize>TAP, temp, out, job.transformedPitch);
      }
    }
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
