/**
 * Of every pixel of the result, row by row: where in the picture it comes from, in pixels; the first one's centre is [0, 0].
 * In float64, once, for bytes and tensors, so that they choose the same pixels.
 */
export interface Coordinates {
  readonly xs: Float64Array;
  readonly ys: Float64Array;
  readonly height: number;
  readonly width: number;
}

/**
 * Row by row the 3 x 3 matrix of a projection, [x y w] of the picture from [x y 1] of the result; x and y are counted from the
 * pictures' upper left corners, so that the first pixel's centre is [0.5, 0.5].
 */
export type Projection = readonly [number, number, number, number, number, number, number, number, number];

/** Where the pixels of height x width come from. */
export function projected(projection: Projection, height: number, width: number): Coordinates {
  const [xx, xy, x1, yx, yy, y1, wx, wy, w1] = projection;
  const xs = new Float64Array(height * width);
  const ys = new Float64Array(height * width);
  let at = 0;
  for (let row = 0; row < height; row++) {
    const y = row + 0.5;
    for (let column = 0; column < width; column++, at++) {
      const x = column + 0.5;
      const w = wx * x + wy * y + w1;
      xs[at] = (xx * x + xy * y + x1) / w - 0.5;
      ys[at] = (yx * x + yy * y + y1) / w - 0.5;
    }
  }
  return { xs, ys, height, width };
}

/** Every pixel from dx and dy further right and down. */
export function displaced(dx: ArrayLike<number>, dy: ArrayLike<number>, height: number, width: number): Coordinates {
  const xs = new Float64Array(height * width);
  const ys = new Float64Array(height * width);
  for (let at = 0; at < xs.length; at++) {
    xs[at] = (at % width) + dx[at]!;
    ys[at] = Math.floor(at / width) + dy[at]!;
  }
  return { xs, ys, height, width };
}
