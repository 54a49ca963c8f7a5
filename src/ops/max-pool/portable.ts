import * as tf from '@tensorflow/tfjs-core';
import type { Parts, PortableKernel } from '../../kernels.js';
import { type PoolAxes, type PoolSizes, windowAxes } from '../pool/axis.js';
import { longest, pick, type Taps, tapsOf, transposedTaps } from '../pool/taps.js';

/**
 * Max pooling over the windows that `axes` derives from the geometry. One step a place in the window;
 * gathering clips the windows at the edge, so nothing is padded and -Infinity is a number like any other.
 */
export function maxOver<G extends PoolSizes>(axes: (g: G) => PoolAxes): Parts<PortableKernel<G>> {
  return {
    forward: ({ x }, g) => {
      let y: tf.Tensor4D | undefined;
      forEachPlace(x as tf.Tensor4D, axes(g).map(tapsOf), (value) => {
        y = y ? tf.where(larger(value, y), value, y) : value;
      });
      return y!;
    },

    dx: ({ dy, x, y }, g) => {
      const [rows, columns] = axes(g).map(tapsOf);
      const winner = positionOfMaximum(x as tf.Tensor4D, y as tf.Tensor4D, g, rows, columns);
      const position = tf.reshape(tf.range(0, g.inHeight * g.inWidth, 1, 'int32'), [1, g.inHeight, g.inWidth, 1]);
      // A last row and column beyond the outputs stand for 'no such window'.
      const onePast: [number, number][] = [
        [0, 0],
        [0, 1],
        [0, 1],
        [0, 0],
      ];
      const [winners, dys] = [tf.pad(winner, onePast, -1), tf.pad(dy, onePast)] as tf.Tensor4D[];
      const windows = [transposedTaps(rows, g.inHeight), transposedTaps(columns, g.inWidth)];
      const zero = tf.scalar(0);
      let dx: tf.Tensor4D = tf.zeros([g.batch, g.inHeight, g.inWidth, g.inChannels]);
      for (let j = 0; j < longest(windows[0]); j++) {
        const [winnerRows, dyRows] = [winners, dys].map((t) => pick(t, 1, windows[0], j, () => g.outHeight));
        for (let k = 0; k < longest(windows[1]); k++) {
          const [at, share] = [winnerRows, dyRows].map((t) => pick(t, 2, windows[1], k, () => g.outWidth));
          dx = tf.add(dx, tf.where(tf.equal(at, position), share, zero as tf.Tensor));
        }
      }
      return dx;
    },
  };
}

/** NaN is larger than every number. */
function larger(value: tf.Tensor4D, than: tf.Tensor4D): tf.Tensor4D {
  return tf.logicalOr(tf.greater(value, than), tf.isNaN(value));
}

/** Calls `visit` with x as each place of the window sees it. A window that is shorter shows its last place again. */
function forEachPlace(x: tf.Tensor4D, [rows, columns]: Taps[], visit: (value: tf.Tensor4D, r: number, k: number) => void): void {
  for (let r = 0; r < longest(rows); r++) {
    const line = pick(x, 1, rows, r, last);
    for (let k = 0; k < longest(columns); k++) visit(pick(line, 2, columns, k, last), r, k);
  }
}

function last(positions: readonly number[]): number {
  return positions[positions.length - 1];
}

/** By output, row * inWidth + column of the first element that equals y or is NaN, int32. */
function positionOfMaximum(x: tf.Tensor4D, y: tf.Tensor4D, g: PoolSizes, rows: Taps, columns: Taps): tf.Tensor4D {
  const none = -1;
  let winner: tf.Tensor4D = tf.fill(y.shape, none, 'int32');
  forEachPlace(x, [rows, columns], (value, r, k) => {
    const position = tf.tensor4d(
      rows.flatMap((ys) => columns.map((xs) => (ys[r] ?? last(ys)) * g.inWidth + (xs[k] ?? last(xs)))),
      [1, g.outHeight, g.outWidth, 1],
      'int32',
    );
    const hit = tf.logicalAnd(tf.logicalOr(tf.equal(value, y), tf.isNaN(value)), tf.equal(winner, none));
    winner = tf.where(hit, position, winner) as tf.Tensor4D;
  });
  return winner;
}

export const portable = maxOver(windowAxes);
