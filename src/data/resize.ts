/** A picture as bytes, [height, width, channels]. */
export interface Picture {
  /** 0..255, rows from the top. */
  readonly pixels: Uint8Array;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/**
 * Scales a picture so that it covers height x width and cuts the middle out, keeping its proportions.
 *
 * Bilinear: each new pixel is a weighted mean under a triangle one (new or old, the larger) pixel to
 * either side, so that shrinking does not alias.
 * Source: Pillow's resize with BILINEAR, which torchvision's Resize and CenterCrop call.
 */
export function resizeToCover(picture: Picture, height: number, width: number): Picture {
  if (picture.height === height && picture.width === width) return picture;
  const scale = Math.min(picture.height / height, picture.width / width);
  const rows = weights(picture.height, height, scale);
  const columns = weights(picture.width, width, scale);
  const { channels } = picture;

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

/** For each new pixel of one axis: the old pixels under its triangle and their weights, which add up to 1. */
function weights(oldSize: number, newSize: number, scale: number): { first: number; values: Float64Array }[] {
  const offset = (oldSize - newSize * scale) / 2;
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
