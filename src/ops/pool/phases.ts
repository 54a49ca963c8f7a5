/**
 * Windows by slices, for compositions of tfjs-core ops. With strides [s, t], place (ky, kx) of every window
 * lies in one of s * t coarse pictures, the phases, which keep every s-th row and every t-th column; there
 * it is a plain slice. Cutting and joining phases is a transposition each: on the backends that these
 * compositions are for, far faster than strided slices, gathering or broadcasting.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { WindowGeometry } from '../../geometry.js';

/** Sizes of one phase. */
function phaseSize(g: WindowGeometry): [height: number, width: number] {
  return [
    g.outHeight + Math.floor(((g.filterHeight - 1) * g.dilationHeight) / g.strideHeight),
    g.outWidth + Math.floor(((g.filterWidth - 1) * g.dilationWidth) / g.strideWidth),
  ];
}

/** x [batch, height, width, channels] with `fill` around it, cut or extended to [batch, rows, columns, channels]. */
export function framed(x: tf.Tensor4D, top: number, left: number, rows: number, columns: number, fill: number): tf.Tensor4D {
  const bottom = Math.max(0, rows - top - x.shape[1]);
  const right = Math.max(0, columns - left - x.shape[2]);
  const padded =
    top + bottom + left + right > 0
      ? tf.pad(
          x,
          [
            [0, 0],
            [top, bottom],
            [left, right],
            [0, 0],
          ],
          fill,
        )
      : x;
  if (padded.shape[1] === rows && padded.shape[2] === columns) return padded;
  return tf.slice(padded, [0, 0, 0, 0], [x.shape[0], rows, columns, x.shape[3]]);
}

/** The phases of x, one batch after the other: [phases * batch, height, width, channels]. */
export function cutPhases(x: tf.Tensor4D, g: WindowGeometry, fill: number): tf.Tensor4D {
  const [height, width] = phaseSize(g);
  const { batch, inChannels: channels, strideHeight, strideWidth } = g;
  const frame = framed(x, g.padTop, g.padLeft, height * strideHeight, width * strideWidth, fill);
  const byRow = swapped(frame, [batch * height, strideHeight, width * strideWidth * channels]);
  const byColumn = swapped(byRow, [strideHeight * batch * height * width, strideWidth, channels]);
  return tf.reshape(byColumn, [strideWidth * strideHeight * batch, height, width, channels]);
}

/** The adjoint of cutPhases. */
export function joinPhases(phases: tf.Tensor4D, g: WindowGeometry): tf.Tensor4D {
  const [height, width] = phaseSize(g);
  const { batch, inChannels: channels, strideHeight, strideWidth } = g;
  const byRow = swapped(phases, [strideWidth, strideHeight * batch * height * width, channels]);
  const flat = swapped(byRow, [strideHeight, batch * height, width * strideWidth * channels]);
  const frame = tf.reshape(flat, [batch, height * strideHeight, width * strideWidth, channels]) as tf.Tensor4D;
  // What the frame cut off of x was in no window.
  const whole = framed(
    frame,
    0,
    0,
    Math.max(frame.shape[1], g.padTop + g.inHeight),
    Math.max(frame.shape[2], g.padLeft + g.inWidth),
    0,
  );
  return tf.slice(whole, [0, g.padTop, g.padLeft, 0], [batch, g.inHeight, g.inWidth, channels]);
}

/** x as [a, b, c], with a and b swapped. */
function swapped(x: tf.Tensor, shape: [number, number, number]): tf.Tensor {
  const three = tf.reshape(x, shape);
  return shape[0] === 1 || shape[1] === 1 ? three : tf.transpose(three, [1, 0, 2]);
}

/** Where a place of the window lies: its phase, and the row and column in it of the first window's. */
function locate(g: WindowGeometry, ky: number, kx: number): { phase: number; row: number; column: number } {
  const y = ky * g.dilationHeight;
  const x = kx * g.dilationWidth;
  return {
    phase: (x % g.strideWidth) * g.strideHeight + (y % g.strideHeight),
    row: Math.floor(y / g.strideHeight),
    column: Math.floor(x / g.strideWidth),
  };
}

/** Calls `visit` for every place of the window, row by row. */
export function forEachPlace(g: WindowGeometry, visit: (ky: number, kx: number) => void): void {
  for (let ky = 0; ky < g.filterHeight; ky++) for (let kx = 0; kx < g.filterWidth; kx++) visit(ky, kx);
}

/** What all windows see at one place: [batch, outHeight, outWidth, channels]. */
export function seenAt(phases: tf.Tensor4D, g: WindowGeometry, ky: number, kx: number): tf.Tensor4D {
  const { phase, row, column } = locate(g, ky, kx);
  return tf.slice(phases, [phase * g.batch, row, column, 0], [g.batch, g.outHeight, g.outWidth, g.inChannels]);
}

/** dx of what the windows send back to each of their places: [batch, outHeight, outWidth, channels] each. */
export function sendBack(g: WindowGeometry, share: (ky: number, kx: number) => tf.Tensor4D): tf.Tensor4D {
  const [height, width] = phaseSize(g);
  const sums = new Map<number, tf.Tensor4D>();
  forEachPlace(g, (ky, kx) => {
    const { phase, row, column } = locate(g, ky, kx);
    const placed = framed(share(ky, kx), row, column, height, width, 0);
    const sum = sums.get(phase);
    sums.set(phase, sum ? tf.add(sum, placed) : placed);
  });
  const phases = Array.from(
    { length: g.strideHeight * g.strideWidth },
    (_, phase): tf.Tensor4D => sums.get(phase) ?? tf.zeros([g.batch, height, width, g.inChannels]),
  );
  return joinPhases(phases.length === 1 ? phases[0] : tf.concat(phases, 0), g);
}

/** x with `fill` around it so that a 'valid' pool of tfjs sees exactly the windows of g. */
export function asValid(x: tf.Tensor4D, g: WindowGeometry, fill: number): tf.Tensor4D {
  const rows = (g.outHeight - 1) * g.strideHeight + g.filterHeight;
  const columns = (g.outWidth - 1) * g.strideWidth + g.filterWidth;
  return framed(x, g.padTop, g.padLeft, rows, columns, fill);
}
