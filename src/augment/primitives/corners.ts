/** Which pixels of a picture make those of the result. */
import type { PictureSize } from '../transform.js';
import { OUTSIDE } from './axis-indices.js';
import type { Coordinates } from './coordinates.js';

/** Weights are whole parts of it. A byte under them has 24 binary digits, as many as float32. */
export const ONE = 2 ** 16;

/** Of every pixel of the result: the four pixels around its place, and how much of each it takes. */
export interface Corners {
  /** [pixels, 4]: top left, top right, bottom left, bottom right; 0 where the corner lies outside. */
  readonly places: Int32Array;
  /** [pixels, 4]; 0 where the corner lies outside. */
  readonly weights: Int32Array;
  /** What is left for the fill: weights and rest add up to ONE. */
  readonly rest: Int32Array;
}

/** The four pixels around every place. Coordinates that are no numbers lie outside. */
export function cornersOf({ xs, ys }: Coordinates, { height, width }: PictureSize): Corners {
  const { floor } = Math;
  const count = xs.length;
  const places = new Int32Array(4 * count);
  const weights = new Int32Array(4 * count);
  const rest = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const x = xs[i]!;
    const y = ys[i]!;
    if (!(x > -1 && x < width && y > -1 && y < height)) {
      rest[i] = ONE;
      continue;
    }
    const left = floor(x);
    const top = floor(y);
    const right = floor((x - left) * ONE + 0.5);
    const bottom = floor((y - top) * ONE + 0.5);
    const both = floor((right * bottom) / ONE + 0.5);
    const place = top * width + left;
    const k = 4 * i;
    places[k] = place;
    places[k + 1] = place + 1;
    places[k + 2] = place + width;
    places[k + 3] = place + width + 1;
    weights[k] = ONE - right - bottom + both;
    weights[k + 1] = right - both;
    weights[k + 2] = bottom - both;
    weights[k + 3] = both;
    // On the picture's rim.
    if (left < 0) rest[i]! += taken(places, weights, k, k + 2);
    if (left + 1 >= width) rest[i]! += taken(places, weights, k + 1, k + 3);
    if (top < 0) rest[i]! += taken(places, weights, k, k + 1);
    if (top + 1 >= height) rest[i]! += taken(places, weights, k + 2, k + 3);
  }
  return { places, weights, rest };
}

/** The weights of two corners that lie outside, which they lose. */
function taken(places: Int32Array, weights: Int32Array, one: number, other: number): number {
  const sum = weights[one]! + weights[other]!;
  for (const corner of [one, other]) {
    weights[corner] = 0;
    places[corner] = 0;
  }
  return sum;
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
