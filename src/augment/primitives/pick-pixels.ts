import { concat, gather, reshape, type Tensor4D, tensor1d, tensor3d, tile } from '@tensorflow/tfjs-core';
import { OUTSIDE } from './axis-indices.js';

/**
 * Pixels [batch, height, width, channels] from x [batch, rows, columns, channels]: pixel i of the result is pixel places[i] of x,
 * or the fill, one grey level a channel, where that is OUTSIDE. The fill stands behind the picture's pixels, so that one gather
 * does it all.
 */
export function pickPixels(x: Tensor4D, places: Int32Array, height: number, width: number, fill: readonly number[]): Tensor4D {
  const [batch, rows, columns, channels] = x.shape;
  const count = rows * columns;
  let pixels = reshape(x, [batch, count, channels]);
  let chosen = places;
  if (places.includes(OUTSIDE)) {
    pixels = concat([pixels, tile(tensor3d(fill as number[], [1, 1, channels]), [batch, 1, 1])], 1);
    chosen = places.map((place) => (place === OUTSIDE ? count : place));
  }
  return reshape(gather(pixels, tensor1d(chosen, 'int32'), 1), [batch, height, width, channels]);
}
