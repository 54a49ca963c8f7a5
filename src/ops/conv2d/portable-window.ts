/** Pieces of convolutions in tfjs-core ops that every backend has. */
import * as tf from '@tensorflow/tfjs-core';
import type { WindowGeometry } from '../../geometry.js';

/** Height and width of the window with its holes. */
export function span(g: WindowGeometry): [number, number] {
  return [g.dilationHeight * (g.filterHeight - 1) + 1, g.dilationWidth * (g.filterWidth - 1) + 1];
}

/** Zeros around a picture: explicit pads mean different things to the backends' convolutions, tf.pad does not. */
export function padPicture(x: tf.Tensor, top: number, bottom: number, left: number, right: number): tf.Tensor4D {
  const none = top === 0 && bottom === 0 && left === 0 && right === 0;
  return (
    none
      ? x
      : tf.pad(x as tf.Tensor4D, [
          [0, 0],
          [top, bottom],
          [left, right],
          [0, 0],
        ])
  ) as tf.Tensor4D;
}

/** x with the geometry's padding. */
export function padInput(x: tf.Tensor, g: WindowGeometry): tf.Tensor4D {
  return padPicture(x, g.padTop, g.padBottom, g.padLeft, g.padRight);
}

/** What the filter element (ky, kx) is multiplied by, of padded x: [batch, outHeight, outWidth, channels]. */
export function tap(padded: tf.Tensor4D, g: WindowGeometry, ky: number, kx: number): tf.Tensor4D {
  const y = ky * g.dilationHeight;
  const x = kx * g.dilationWidth;
  const [batch, , , channels] = padded.shape;
  if (g.strideHeight === 1 && g.strideWidth === 1) {
    return tf.slice(padded, [0, y, x, 0], [batch, g.outHeight, g.outWidth, channels]);
  }
  const end = [batch, y + (g.outHeight - 1) * g.strideHeight + 1, x + (g.outWidth - 1) * g.strideWidth + 1, channels];
  return tf.stridedSlice(padded, [0, y, x, 0], end, [1, g.strideHeight, g.strideWidth, 1]) as tf.Tensor4D;
}

/**
 * dy as a convolution of stride 1 wants it, so that its result is the gradient of padded x: zeros between
 * its pixels where the stride was, and a window less one pixel of zeros around.
 */
export function spreadOutput(dy: tf.Tensor, g: WindowGeometry): tf.Tensor4D {
  const [, height, width, channels] = dy.shape as [number, number, number, number];
  const [spanHeight, spanWidth] = span(g);
  const tall = spread(dy, [g.batch * height, 1, width * channels], g.strideHeight);
  const wide = spread(tall, [g.batch * height * g.strideHeight * width, 1, channels], g.strideWidth);
  const all = tf.reshape(wide, [g.batch, height * g.strideHeight, width * g.strideWidth, channels]) as tf.Tensor4D;
  // Behind the last pixel no zeros belong to the stride.
  const rows = (height - 1) * g.strideHeight + 1;
  const columns = (width - 1) * g.strideWidth + 1;
  const exact = tf.slice(all, [0, 0, 0, 0], [g.batch, rows, columns, channels]);
  return padPicture(exact, spanHeight - 1, spanHeight - 1, spanWidth - 1, spanWidth - 1);
}

/** [n, 1, inner] -> [n, stride, inner], zeros behind. */
function spread(values: tf.Tensor, shape: [number, number, number], stride: number): tf.Tensor {
  const flat = tf.reshape(values, shape) as tf.Tensor3D;
  return stride === 1
    ? flat
    : tf.pad(flat, [
        [0, 0],
        [0, stride - 1],
        [0, 0],
      ]);
}

/** The picture's part of a gradient of padded x; where windows left a rim unseen, its gradient is 0. */
export function cropInput(dPadded: tf.Tensor4D, g: WindowGeometry): tf.Tensor4D {
  const [, rows, columns, channels] = dPadded.shape;
  const bottom = Math.max(0, g.padTop + g.inHeight - rows);
  const right = Math.max(0, g.padLeft + g.inWidth - columns);
  const whole = padPicture(dPadded, 0, bottom, 0, right);
  return tf.slice(whole, [0, g.padTop, g.padLeft, 0], [g.batch, g.inHeight, g.inWidth, channels]);
}

/** The geometry of the stride 1 correlation of spreadOutput's result with the turned filter. */
export function turnedGeometry(g: WindowGeometry): WindowGeometry {
  const [spanHeight, spanWidth] = span(g);
  return {
    ...g,
    strideHeight: 1,
    strideWidth: 1,
    outHeight: (g.outHeight - 1) * g.strideHeight + spanHeight,
    outWidth: (g.outWidth - 1) * g.strideWidth + spanWidth,
  };
}
