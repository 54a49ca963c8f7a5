// From pictures to transformed tiles.
import { Pictures } from './winograd-job';
import { gradientTransform, inputTransform } from './winograd-tile';

// A slot of workspace begins with a table of a tile's pixels, room for a transform's two passes, and nine
// taps of four vectors; then come the rows' table and what else a kernel needs.
// @ts-ignore: decorator
@inline export const PIXELS: usize = 0;
// @ts-ignore: decorator
@inline export const TEMP: usize = 192;
// @ts-ignore: decorator
@inline export const ROWS: usize = 192 + 576 + 576;

/** Bytes of a row of so many channels, rounded up to 8 floats. */
// @ts-ignore: decorator
@inline export function roundToLine(channels: i32): usize {
  return <usize>((channels + 7) & ~7) << 2;
}

/** Pointers to the size x size pixels that a tile begins with, column by column; `outside` where there is no picture. */
export function pointToPixels(pictures: Pictures, tile: i32, size: i32, outside: usize, table: usize): void {
  const across = pictures.tilesAcross;
  const row = tile / across;
  const picture = row / pictures.tilesDown;
  const top = (row - picture * pictures.tilesDown) * 4 - pictures.padTop;
  const left = (tile - row * across) * 4 - pictures.padLeft;
  const width = pictures.width, height = pictures.height;
  const pixel = <usize>pictures.channels << 2;
  const line = <usize>width * pixel;
  let column = pictures.data + <usize>(picture * height + top) * line + <usize>left * pixel;
  for (let x = left; x < left + size; x++, column += pixel) {
    const inside = <u32>x < <u32>width;
    let at = column;
    for (let y = top; y < top + size; y++, at += line, table += 4) {
      store<usize>(table, inside && <u32>y < <u32>height ? at : outside);
    }
  }
}

/** V[p][tile][channel] = BT d B of tiles [begin, end). A last group of fewer than four channels overlaps the one before it. */
export function gatherInput(pictures: Pictures, zeros: usize, begin: i32, end: i32, slot: usize, v: usize, row: usize, pitch: usize): void {
  for (let tile = begin; tile < end; tile++, v += row) {
    pointToPixels(pictures, tile, 6, zeros, slot + PIXELS);
    for (let c = 0; c < pictures.channels; c += 4) {
      const offset = <usize>min(c, pictures.channels - 4) << 2;
      inputTransform(slot + PIXELS, offset, slot + TEMP, v + offset, pitch);
    }
  }
}

/** D[p][tile][channel] = A dy AT of tiles [begin, end). */
export function gatherGradient(pictures: Pictures, zeros: usize, begin: i32, end: i32, slot: usize, d: usize, row: usize, pitch: usize): void {
  for (let tile = begin; tile < end; tile++, d += row) {
    pointToPixels(pictures, tile, 4, zeros, slot + PIXELS);
    for (let c = 0; c < pictures.channels; c += 4) {
      const offset = <usize>min(c, pictures.channels - 4) << 2;
      gradientTransform(slot + PIXELS, offset, slot + TEMP, d + offset, pitch);
    }
  }
}
