/** Pictures of other sizes: every new pixel a weighted mean of old ones, axis by axis. */
import type { Picture } from './resize.js';

/** Old pixels that make a new one, along one axis: from `first` on as many as there are weights, which add up to 1. */
export interface PixelShare {
  readonly first: number;
  readonly values: Float64Array;
}

/**
 * For each new pixel of one axis: the old pixels under its triangle, one (new or old, the larger) pixel to either side, so that
 * shrinking does not alias.
 * Source: Pillow's resize with BILINEAR; PyTorch's interpolate with antialias.
 *
 * @param scale old pixels a new one
 * @param offset where the first new pixel begins, in old pixels
 */
export function triangleShares(oldSize: number, newSize: number, scale: number, offset = 0): PixelShare[] {
  const support = Math.max(1, scale);
  return Array.from({ length: newSize }, (_, i) => {
    const centre = offset + (i + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - support + 0.5));
    const end = Math.min(oldSize, Math.floor(centre + support + 0.5));
    const values = Float64Array.from({ length: end - first }, (__, k) =>
      Math.max(0, 1 - Math.abs(first + k + 0.5 - centre) / support),
    );
    const sum = values.reduce((a, b) => a + b, 0);
    return { first, values: values.map((value) => value / sum) };
  });
}

/** The picture of rows.length x columns.length pixels. */
export function resample(picture: Picture, rows: readonly PixelShare[], columns: readonly PixelShare[]): Picture {
  const { channels } = picture;
  const height = rows.length;
  const width = columns.length;
  const row = width * channels;
  const wide = widened(picture, columns);
  const pixels = new Uint8Array(height * row);
  const sums = new Float64Array(row);
  for (let y = 0; y < height; y++) {
    const { first, values } = rows[y];
    sums.fill(0);
    for (let k = 0; k < values.length; k++) {
      const value = values[k];
      const begin = (first + k) * row;
      for (let i = 0; i < row; i++) sums[i] += value * wide[begin + i];
    }
    for (let i = 0; i < row; i++) pixels[y * row + i] = sums[i] + 0.5;
  }
  return { pixels, height, width, channels };
}

/** Every row of the picture with columns.length pixels. */
function widened({ pixels, height, width, channels }: Picture, columns: readonly PixelShare[]): Float32Array {
  const wide = new Float32Array(height * columns.length * channels);
  for (let x = 0; x < columns.length; x++) {
    const { first, values } = columns[x];
    for (let y = 0; y < height; y++) {
      const from = (y * width + first) * channels;
      const to = (y * columns.length + x) * channels;
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let k = 0; k < values.length; k++) sum += values[k] * pixels[from + k * channels + c];
        wide[to + c] = sum;
      }
    }
  }
  return wide;
}
