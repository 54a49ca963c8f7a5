// From pictures to transformed tiles.
import { Pictures } from './winograd-job';
import { GROUP, TABLE_COLUMN, TEMP_BYTES, gradientTransform, inputTransform } from './winograd-tile';

// A slot of workspace begins with a table of a tile's pixels, room for a transform's two passes, and the
// nine taps of 4 x 8 filters; then come the rows' table and what else a kernel needs.
// @ts-ignore: decorator
@inline export const PIXELS: usize = 0;
// @ts-ignore: decorator
@inline export const TEMP: usize = 6 * TABLE_COLUMN;
// @ts-ignore: decorator
@inline export const TAPS: usize = TEMP + TEMP_BYTES;
// @ts-ignore: decorator
@inline export const TAP: usize = 4 * 32;
// @ts-ignore: decorator
@inline export const ROWS: usize = TAPS + 9 * TAP;

/** Bytes of a row of so many channels, rounded up to 8 floats. */
// @ts-ignore: decorator
@inline export function roundToLine(channels: i32): usize {
  return <usize>((channels + 7) & ~7) << 2;
}

/** Bytes before a group of channels; a last one of fewer than eight overlaps the one before it and repeats its results. */
// @ts-ignore: decorator
@inline export function groupOffset(channel: i32, channels: i32): usize {
  return <usize>min(channel, channels - GROUP) << 2;
}

/** Which of the four rows from y on lie in [0, height). */
// @ts-ignore: decorator
@inline function rowsInside(y: i32, height: i32): v128 {
  return i32x4.lt_u(i32x4.add(i32x4.splat(y), i32x4(0, 1, 2, 3)), i32x4.splat(height));
}

/** Pointers to the `columns` x 8 pixels that a tile begins with, column by column; `outside` where there is no picture. */
export function pointToPixels(pictures: Pictures, tile: i32, columns: i32, outside: usize, table: usize): void {
  const across = pictures.tilesAcross;
  const row = tile / across;
  const picture = row / pictures.tilesDown;
  const top = (row - picture * pictures.tilesDown) * 4 - pictures.padTop;
  const left = (tile - row * across) * 4 - pictures.padLeft;
  const width = pictures.width, height = pictures.height;
  const pixel = pictures.pixel;
  const line = <i32>(<usize>width * pixel);
  const upper = rowsInside(top, height), lower = rowsInside(top + 4, height);
  const none = i32x4.splat(<i32>outside);
  const four = i32x4.splat(line << 2);
  const corner = <i32>(pictures.data + (<usize>((picture * height + top) * width + left)) * pixel);
  let at = i32x4.add(i32x4.splat(corner), i32x4.mul(i32x4.splat(line), i32x4(0, 1, 2, 3)));
  for (let x = left; x < left + columns; x++, table += TABLE_COLUMN) {
    if (<u32>x < <u32>width) {
      v128.store(table, v128.bitselect(at, none, upper));
      v128.store(table, v128.bitselect(i32x4.add(at, four), none, lower), 16);
    } else {
      v128.store(table, none);
      v128.store(table, none, 16);
    }
    at = i32x4.add(at, i32x4.splat(<i32>pixel));
  }
}

/** V[p][tile][channel] = BT d B of tiles [begin, end). */
export function gatherInput(pictures: Pictures, zeros: usize, begin: i32, end: i32, slot: usize, v: usize, row: usize,
  pitch: usize): void {
  const channels = pictures.channels;
  for (let tile = begin; tile < end; tile++, v += row) {
    pointToPixels(pictures, tile, 6, zeros, slot + PIXELS);
    for (let c = 0; c < channels; c += GROUP) {
      const offset = groupOffset(c, channels);
      inputTransform(slot + PIXELS, offset, slot + TEMP, v + offset, pitch);
    }
  }
}

/** D[p][tile][channel] = A dy AT of tiles [begin, end). */
export function gatherGradient(pictures: Pictures, zeros: usize, begin: i32, end: i32, slot: usize, d: usize, row: usize,
  pitch: usize): void {
  const channels = pictures.channels;
  for (let tile = begin; tile < end; tile++, d += row) {
    pointToPixels(pictures, tile, 4, zeros, slot + PIXELS);
    for (let c = 0; c < channels; c += GROUP) {
      const offset = groupOffset(c, channels);
      gradientTransform(slot + PIXELS, offset, slot + TEMP, d + offset, pitch);
    }
  }
}
