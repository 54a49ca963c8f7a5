// From filters to transformed filters, 8 output channels at a time; and the products with them.
import { loadTail } from './tail';
import { PANEL, ROW_ENTRY, TILE_ROWS, rowTile } from './row-tile';
import { TAP, TAPS, TEMP } from './winograd-gather';
import { WinogradJob } from './winograd-job';
import { rowTile16 } from './wide-tile';
import { filterTransform } from './winograd-tile';

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

/** G g GT of filter [3, 3, ci, co]: out + p * pitch holds [8] of co from `column` on for each ci in [first, last), `step` bytes apart. */
function panelOfFilters(job: WinogradJob, column: i32, first: i32, last: i32, slot: usize, out: usize, step: usize, pitch: usize): void {
  const temp = slot + TEMP, taps = slot + TAPS;
  const row = <usize>job.to.channels << 2, tap = <usize>job.from.channels * row;
  const left = job.to.channels - column;
  let source = job.filter + <usize>first * row + (<usize>column << 2);
  for (let ci = first; ci < last; ci++, source += row, out += step) {
    if (left >= PANEL) {
      filterTransform(source, tap, temp, out, pitch);
      continue;
    }
    for (let k: usize = 0; k < 9; k++) {
      v128.store(taps + k * TAP, loadUpTo4(source + k * tap, left));
      v128.store(taps + k * TAP, loadUpTo4(source + k * tap + 16, left - 4), 16);
    }
    filterTransform(taps, TAP, temp, out, pitch);
  }
}

/**
 * The same for the input gradient: the filter turned by 180 degrees, its channels swapped. The panel is of 8 ci, in
 * it are co in [first, last); first is a multiple of 4, and so is last unless it is the number of co.
 */
function panelOfTurnedFilters(job: WinogradJob, column: i32, first: i32, last: i32, slot: usize, out: usize, step: usize, pitch: usize): void {
  const temp = slot + TEMP, taps = slot + TAPS;
  const inner = job.from.channels, outer = job.to.channels; // co, ci
  for (let co = first; co < last; co += 4) {
    transposeTaps(job.filter, column, co, outer, inner, taps);
    transposeTaps(job.filter, column + 4, co, outer, inner, taps + 16);
    let lastTap = taps + 8 * TAP;
    for (let lanes = min(4, last - co); lanes > 0; lanes--, lastTap += 32, out += step) {
      filterTransform(lastTap, -<isize>TAP, temp, out, pitch);
    }
  }
}

/** Panels of `width` output channels from `column` on, `count` channels in all: out + p * pitch holds [panel][ci][width]. */
export function transformFilters(job: WinogradJob, turned: bool, column: i32, count: i32, first: i32, last: i32, slot: usize, out: usize, pitch: usize): void {
  const width = job.panel, step = <usize>width << 2, panelBytes = <usize>(last - first) * step;
  for (let c = 0; c < count; c += PANEL) {
    const panel = c / width, to = out + <usize>panel * panelBytes + (<usize>(c - panel * width) << 2);
    if (turned) panelOfTurnedFilters(job, column + c, first, last, slot, to, step, pitch);
    else panelOfFilters(job, column + c, first, last, slot, to, step, pitch);
  }
}

/**
 * M (+)= V U for one of the 36: the tiles' rows `from` bytes behind where they begin, `depth` floats of them, times
 * `count` columns of U; sums begin with `start`, or where that is 0 with what M holds.
 */
export function multiplyTiles(job: WinogradJob, rows: usize, tileEnd: i32, from: usize, depth: i32, u: usize, to: usize, count: i32, start: usize): void {
  const width = job.panel, panelBytes = <usize>(depth * width) << 2;
  for (let c = 0; c < count; c += width, u += panelBytes, to += <usize>width << 2) {
    for (let i = 0; i < tileEnd; i += TILE_ROWS) {
      const entry = rows + <usize>i * ROW_ENTRY;
      if (width == PANEL) rowTile(entry, from, to, u, u + panelBytes, start);
      else rowTile16(entry, from, to, u, u + panelBytes, start);
    }
  }
}
