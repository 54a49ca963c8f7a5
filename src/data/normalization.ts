import type { ImageDataset } from './dataset.js';
import type { PictureSource } from './loader/picture-source.js';

/** Per channel, on the scale 0..1. A net sees (byte / 255 - mean) / std. */
export interface Normalization {
  /** One number a channel, in the net's order. */
  readonly mean: readonly number[];
  /** Standard deviation, one number a channel, in the net's order; above 0. */
  readonly std: readonly number[];
  /** Which channel the net sees first; default 'RGB', as pictures are stored. Nets that come from Caffe want 'BGR'. */
  readonly order?: 'RGB' | 'BGR';
}

/**
 * Mean and standard deviation of every channel over all pixels of all pictures; take the training part.
 * A channel without any contrast gets std 1.
 */
export function normalizationOf({ images, channels }: ImageDataset): Normalization {
  const levels = new GreyLevels(channels);
  levels.add(images);
  return levels.normalization();
}

/**
 * The same of pictures that are not in memory: each is read once, and cached as far as the dataset's cache reaches. Broken ones are
 * left out.
 */
export async function normalizationOfPictures(source: PictureSource): Promise<Normalization> {
  const levels = new GreyLevels(source.channels);
  const reader = source.open();
  for (let asked = 0; asked < source.count; asked++) {
    const { picture, place } = await reader.read(asked, 0);
    if (place === asked) levels.add(picture.pixels);
  }
  return levels.normalization();
}

/** How often every value stands in every channel. Sums of bytes and of their squares are integers far below 2^53: exact. */
class GreyLevels {
  private readonly histograms: Float64Array[];

  constructor(private readonly channels: number) {
    this.histograms = Array.from({ length: channels }, () => new Float64Array(256));
  }

  add(pixels: Uint8Array): void {
    const { channels, histograms } = this;
    for (let i = 0; i < pixels.length; i += channels) {
      for (let c = 0; c < channels; c++) histograms[c]![pixels[i + c]!]!++;
    }
  }

  normalization(): Normalization {
    const moments = this.histograms.map((histogram) => {
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
}

/** Writes `bytes` (channels last) into `out` from `offset` on, as the net sees them. */
export type Normalizer = (bytes: Uint8Array, out: Float32Array, offset: number) => void;

/** A table of 256 values a channel: normalising is one look-up a byte. */
export function normalizer({ mean, std, order = 'RGB' }: Normalization): Normalizer {
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
  // The channel that the net's channel c comes from is first + step * c.
  const [first, step] = order === 'BGR' ? [channels - 1, -1] : [0, 1];
  return (bytes, out, offset) => {
    for (let i = 0; i < bytes.length; i += channels) {
      for (let c = 0; c < channels; c++) out[offset + i + c] = table[c * 256 + bytes[i + first + step * c]];
    }
  };
}
