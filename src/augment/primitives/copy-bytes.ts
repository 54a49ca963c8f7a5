/** Bytes of a picture to other places, row by row. */
import type { Picture } from '../../data/resize.js';
import { OUTSIDE } from './axis-indices.js';

/** Neighbours in the picture that are neighbours in the result, too: `to`, `from` and `length` in pixels. */
interface Run {
  readonly to: number;
  readonly from: number;
  readonly length: number;
}

/** Copying a run costs as much as copying so many pixels one by one. */
const RUN_COST = 8;

/** Pixel [y, x] of the result is pixel [rows[y], columns[x]] of the picture, or the fill where either is OUTSIDE. */
export function copyBytes(picture: Picture, rows: Int32Array, columns: Int32Array, fill: readonly number[]): Picture {
  const { channels } = picture;
  const height = rows.length;
  const width = columns.length;
  const pixels = filled(height * width * channels, fill);
  const runs = runsOf(columns);
  if (runs.length * RUN_COST <= width) copyRuns(pixels, picture, rows, width, runs);
  else copyEach(pixels, picture, rows, columns);
  return { pixels, height, width, channels };
}

function filled(size: number, fill: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(size);
  if (fill.every((level) => level === 0)) return bytes;
  const levels = Uint8ClampedArray.from(fill);
  const { length } = levels;
  if (fill.every((level) => level === fill[0])) return bytes.fill(levels[0]!);
  for (let i = 0; i < size; i++) bytes[i] = levels[i % length]!;
  return bytes;
}

/** None where nothing is inside of the picture. */
function runsOf(columns: Int32Array): Run[] {
  const runs: Run[] = [];
  for (let to = 0; to < columns.length; ) {
    const from = columns[to]!;
    let length = 1;
    while (to + length < columns.length && columns[to + length] === from + length) length++;
    if (from === OUTSIDE) length = 1;
    else runs.push({ to, from, length });
    to += length;
  }
  return runs;
}

function copyRuns(to: Uint8Array, picture: Picture, rows: Int32Array, outWidth: number, runs: readonly Run[]): void {
  const { pixels, width, channels } = picture;
  for (let y = 0; y < rows.length; y++) {
    if (rows[y] === OUTSIDE) continue;
    for (let r = 0; r < runs.length; r++) {
      const run = runs[r]!;
      const begin = (rows[y]! * width + run.from) * channels;
      to.set(pixels.subarray(begin, begin + run.length * channels), (y * outWidth + run.to) * channels);
    }
  }
}

function copyEach(to: Uint8Array, { pixels, width, channels }: Picture, rows: Int32Array, columns: Int32Array): void {
  const count = columns.length;
  let at = 0;
  for (let y = 0; y < rows.length; y++) {
    const row = rows[y]! * width;
    if (row < 0) at += count * channels;
    // Colours have a loop of their own: one over channels within takes three times as long.
    else if (channels === 3) {
      for (let x = 0; x < count; x++, at += 3) {
        const column = columns[x]!;
        if (column === OUTSIDE) continue;
        const from = (row + column) * 3;
        to[at] = pixels[from]!;
        to[at + 1] = pixels[from + 1]!;
        to[at + 2] = pixels[from + 2]!;
      }
    } else {
      for (let x = 0; x < count; x++, at += channels) {
        const column = columns[x]!;
        if (column === OUTSIDE) continue;
        const from = (row + column) * channels;
        for (let c = 0; c < channels; c++) to[at + c] = pixels[from + c]!;
      }
    }
  }
}
