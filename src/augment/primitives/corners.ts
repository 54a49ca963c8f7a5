/** Which pixels of a picture make those of the result. */
import type { PictureSize } from '../transform.js';
import { OUTSIDE } from './axis-indices.js';
import type { Coordinates } from './coordinates.js';

/** Weights are whole parts of it. A byte under them has 24 binary digits, as many as float32. */
export const ONE = 2 ** 16;

/** Of every pixel of the result: the four pixels around its place, and how much of each it takes. */
export interface Corners {
  /** [pixels, 4]; inside of the picture, even where the corner is not. */
  readonly places: Int32Array;
  /** [pixels, 4]; 0 where the corner lies outside. */
  readonly weights: Int32Array;
  /** What is left for the fill: weights and rest add up to ONE. */
  readonly rest: Int32Array;
}

/** The four pixels around every place. Coordinates that are no numbers lie outside. */
export function cornersOf({ xs, ys }: Coordinates, { height, width }: PictureSize): Corners {
  const count = xs.length;
  const places = new Int32Array(4 * count);
  const weights = new Int32Array(4 * count);
  const rest = new Int32Array(count).fill(ONE);
  for (let i = 0; i < count; i++) {
    const x = xs[i]!;
    const y = ys[i]!;
    if (!(x > -1 && x < width && y > -1 && y < height)) continue;
    const left = Math.floor(x);
    const top = Math.floor(y);
    const right = Math.round((x - left) * ONE);
    const bottom = Math.round((y - top) * ONE);
    const both = Math.round((right * bottom) / ONE);
    for (let corner = 0; corner < 4; corner++) {
      const column = left + (corner & 1);
      const row = top + (corner >> 1);
      if (column < 0 || column >= width || row < 0 || row >= height) continue;
      let weight = both;
      if (corner === 0) weight += ONE - right - bottom;
      else if (corner === 1) weight = right - both;
      else if (corner === 2) weight = bottom - both;
      places[4 * i + corner] = row * width + column;
      weights[4 * i + corner] = weight;
      rest[i]! -= weight;
    }
  }
  return { places, weights, rest };
}

/** The pixel that is nearest to every place; of two the one with the even number, as PyTorch's grid_sample chooses. */
export function nearestOf({ xs, ys }: Coordinates, { height, width }: PictureSize): Int32Array {
  const places = new Int32Array(xs.length);
  for (let i = 0; i < places.length; i++) {
    const column = halfToEven(xs[i]!);
    const row = halfToEven(ys[i]!);
    const inside = column >= 0 && column < width && row >= 0 && row < height;
    places[i] = inside ? row * width + column : OUTSIDE;
  }
  return places;
}

function halfToEven(value: number): number {
  const below = Math.floor(value);
  const above = value - below;
  return above < 0.5 || (above === 0.5 && below % 2 === 0) ? below : below + 1;
}
