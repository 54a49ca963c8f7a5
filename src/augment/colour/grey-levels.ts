/** Bytes of pictures, grey level by grey level. */
import type { Picture } from '../../data/resize.js';

/** What becomes of each grey level. */
export function levelTable(change: (level: number) => number): Uint8Array {
  const table = new Uint8Array(256);
  for (let level = 0; level < 256; level++) table[level] = change(level);
  return table;
}

/** As torchvision turns numbers into bytes: cut to 0..255 and rounded down. */
export function toLevel(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : Math.floor(value);
}

/** Every byte looked up in a table of 256. */
export function throughTable(picture: Picture, table: Uint8Array): Picture {
  const { pixels } = picture;
  const changed = new Uint8Array(pixels.length);
  for (let i = 0; i < pixels.length; i++) changed[i] = table[pixels[i]!]!;
  return { ...picture, pixels: changed };
}

/** Every byte looked up in its channel's table. */
export function throughTables(picture: Picture, tableOf: (picture: Picture, channel: number) => Uint8Array): Picture {
  const { pixels, channels } = picture;
  const changed = new Uint8Array(pixels.length);
  for (let c = 0; c < channels; c++) {
    const table = tableOf(picture, c);
    for (let i = c; i < pixels.length; i += channels) changed[i] = table[pixels[i]!]!;
  }
  return { ...picture, pixels: changed };
}
