import * as tf from '@tensorflow/tfjs-core';
import type { Parts, PortableKernel } from '../../kernels.js';
import { weights } from '../avg-pool/portable.js';
import { largestOrNaN, ordered } from '../pool/order.js';
import { type AdaptivePoolGeometry, adaptiveAxes } from './geometry.js';
import { longest, pick, pickLast, sumOver, type Taps, tapsOf, transposedTaps } from './taps.js';

/** Adaptive average pooling: sums over rows, over columns, and a weight. */
export const averagePortable: Parts<PortableKernel<AdaptivePoolGeometry>> = {
  forward: ({ x }, g) => {
    const axes = adaptiveAxes(g);
    const sum = sumOver(sumOver(x as tf.Tensor4D, 1, tapsOf(axes[0])), 2, tapsOf(axes[1]));
    return tf.mul(sum, weights(axes));
  },

  dx: ({ dy }, g) => {
    const axes = adaptiveAxes(g);
    const share: tf.Tensor4D = tf.mul(dy, weights(axes));
    const alongRows = sumOver(share, 1, transposedTaps(tapsOf(axes[0]), g.inHeight));
    return sumOver(alongRows, 2, transposedTaps(tapsOf(axes[1]), g.inWidth));
  },
};

/** Adaptive max pooling: the largest over rows, then over columns; back to the position of the first. */
export const maxPortable: Parts<PortableKernel<AdaptivePoolGeometry>> = {
  forward: ({ x }, g) => {
    const [rows, columns] = adaptiveAxes(g).map(tapsOf);
    return largestOrNaN(x as tf.Tensor4D, (values) => largestOver(largestOver(values, 1, rows), 2, columns));
  },

  dx: ({ dy, x, y }, g) => {
    const [rows, columns] = adaptiveAxes(g).map(tapsOf);
    const winner = positionOfMaximum(ordered(x as tf.Tensor4D), ordered(y as tf.Tensor4D), g, rows, columns);
    const position = spread(tf.reshape(tf.range(0, g.inHeight * g.inWidth), [1, g.inHeight, g.inWidth, 1]), x.shape);
    const zeros = tf.zerosLike(position);
    // A last row and column beyond the outputs stand for 'no such bin'.
    const onePast: [number, number][] = [
      [0, 0],
      [0, 1],
      [0, 1],
      [0, 0],
    ];
    const [winners, dys] = [tf.pad(winner, onePast, -1), tf.pad(dy, onePast)] as tf.Tensor4D[];
    const bins = [transposedTaps(rows, g.inHeight), transposedTaps(columns, g.inWidth)];
    let dx: tf.Tensor4D = zeros;
    for (let j = 0; j < longest(bins[0]); j++) {
      const [winnerRows, dyRows] = [winners, dys].map((t) => pick(t, 1, bins[0], j, () => g.outHeight));
      for (let k = 0; k < longest(bins[1]); k++) {
        const [at, share] = [winnerRows, dyRows].map((t) => pick(t, 2, bins[1], k, () => g.outWidth));
        dx = tf.add(dx, tf.where(tf.equal(at, position), share, zeros));
      }
    }
    return dx;
  },
};

/** Along one axis, the largest of what every list picks from x. */
function largestOver(x: tf.Tensor4D, axis: 1 | 2, taps: Taps): tf.Tensor4D {
  if (taps.length === 1) return tf.max(x, axis, true);
  let y = pickLast(x, axis, taps, 0);
  for (let k = 1; k < longest(taps); k++) y = tf.maximum(y, pickLast(x, axis, taps, k));
  return y;
}

/** By output, row * inWidth + column of the first element that equals y. Positions are exact up to 2^24 pixels. */
function positionOfMaximum(x: tf.Tensor4D, y: tf.Tensor4D, g: AdaptivePoolGeometry, rows: Taps, columns: Taps): tf.Tensor4D {
  let winner = tf.fill(y.shape, -1) as tf.Tensor4D;
  // From the last place to the first, so that the first stays.
  for (let r = longest(rows) - 1; r >= 0; r--) {
    const line = pickLast(x, 1, rows, r);
    for (let k = longest(columns) - 1; k >= 0; k--) {
      const places = rows.flatMap((ys) => columns.map((xs) => (ys[r] ?? ys.at(-1)!) * g.inWidth + (xs[k] ?? xs.at(-1)!)));
      const position = spread(tf.tensor4d(places, [1, g.outHeight, g.outWidth, 1]), y.shape);
      winner = tf.where(tf.equal(pickLast(line, 2, columns, k), y), position, winner);
    }
  }
  return winner;
}

/** Broadcast by adding zeros: on the backends that this is for, faster than tiling. */
function spread(x: tf.Tensor, shape: number[]): tf.Tensor4D {
  return tf.add(x, tf.zeros(shape));
}
