import type { ImageDataset } from './dataset.js';

/** Per channel, on the scale 0..1. A net sees (byte / 255 - mean) / std. */
export interface Normalization {
  /** One number a channel. */
  readonly mean: readonly number[];
  /** Standard deviation, one number a channel; above 0. */
  readonly std: readonly number[];
}

/**
 * Mean and standard deviation of every channel over all pixels of all pictures; take the training part.
 * A channel without any contrast gets std 1.
 */
export function normalizationOf({ images, channels }: ImageDataset): Normalization {
  // Sums of bytes and of their squares are integers far below 2^53: exact, in any order.
  const histograms = Array.from({ length: channels }, () => new Float64Array(256));
  for (let i = 0; i < images.length; i += channels) {
    for (let c = 0; c < channels; c++) histograms[c][images[i + c]]++;
  }
  const moments = histograms.map((histogram) => {
    let count = 0;
    let sum = 0;
    let squares = 0;
    histogram.forEach((n, value) => {
      count += n;
      sum += n * value;
      squares += n * value * value;
    });
    const mean = sum / count;
    return { mean: mean / 255, std: Math.sqrt(Math.max(0, squares / count - mean * mean)) / 255 };
  });
  return { mean: moments.map((m) => m.mean), std: moments.map((m) => m.std || 1) };
}

/** Writes `bytes` (channels last) into `out` from `offset` on, as the net sees them. */
export type Normalizer = (bytes: Uint8Array, out: Float32Array, offset: number) => void;

/** A table of 256 values a channel: normalising is one look-up a byte. */
export function normalizer({ mean, std }: Normalization): Normalizer {
  const channels = mean.length;
  const table = new Float32Array(channels * 256);
  for (let c = 0; c < channels; c++) {
    for (let value = 0; value < 256; value++) table[c * 256 + value] = (value / 255 - mean[c]) / std[c];
  }
  if (channels === 1) {
    return (bytes, out, offset) => {
      for (let i = 0; i < bytes.length; i++) out[offset + i] = table[bytes[i]];
    };
  }
  return (bytes, out, offset) => {
    for (let i = 0; i < bytes.length; i += channels) {
      for (let c = 0; c < channels; c++) out[offset + i + c] = table[c * 256 + bytes[i + c]];
    }
  };
}
