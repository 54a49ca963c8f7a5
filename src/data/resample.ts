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
  const wide = new Float32Array(picture.height * width * channels);
  for (let y = 0; y < picture.height; y++) {
    for (let x = 0; x < width; x++) {
      const { first, values } = columns[x];
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let k = 0; k < values.length; k++) sum += values[k] * picture.pixels[(y * picture.width + first + k) * channels + c];
        wide[(y * width + x) * channels + c] = sum;
      }
    }
  }
  const pixels = new Uint8Array(height * width * channels);
  const row = width * channels;
  for (let y = 0; y < height; y++) {
    const { first, values } = rows[y];
    for (let i = 0; i < row; i++) {
      let sum = 0;
      for (let k = 0; k < values.length; k++) sum += values[k] * wide[(first + k) * row + i];
      pixels[y * row + i] = Math.round(sum);
    }
  }
  return { pixels, height, width, channels };
}
