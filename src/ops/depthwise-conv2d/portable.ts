import * as tf from '@tensorflow/tfjs-core';
import type { WindowGeometry } from '../../geometry.js';
import type { Parts, PortableKernel } from '../../kernels.js';
import { biasAndActivation } from '../activation/portable-fused.js';
import { cropInput, padInput, spreadOutput, tap, turnedGeometry } from '../conv2d/portable-window.js';
import type { DepthwiseConv2DGeometry } from './geometry.js';

/** Each channel of x as often as it has filters, so that every output channel has one of its own. */
function repeated(x: tf.Tensor, multiplier: number): tf.Tensor4D {
  if (multiplier === 1) return x as tf.Tensor4D;
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const copies = tf.tile(tf.reshape(x, [batch * height * width, channels, 1]), [1, 1, multiplier]);
  return tf.reshape(copies, [batch, height, width, channels * multiplier]);
}

/** Sum over the filters of each channel. */
function gathered(dx: tf.Tensor4D, multiplier: number): tf.Tensor4D {
  if (multiplier === 1) return dx;
  const [batch, height, width, channels] = dx.shape;
  const sums = tf.sum(tf.reshape(dx, [batch * height * width, channels / multiplier, multiplier]), 2);
  return tf.reshape(sums, [batch, height, width, channels / multiplier]);
}

/** Convolution of a padded picture with filter [kh, kw, channels], channel by channel. */
function correlate(padded: tf.Tensor4D, filter: tf.Tensor3D, g: WindowGeometry): tf.Tensor4D {
  const [height, width, channels] = filter.shape;
  // The others are combinations that tensorflow's kernel refuses.
  if (g.strideHeight === g.strideWidth && g.dilationHeight === 1 && g.dilationWidth === 1) {
    return tf.depthwiseConv2d(padded, tf.reshape(filter, [height, width, channels, 1]) as tf.Tensor4D, g.strideHeight, 'valid');
  }
  let sum: tf.Tensor | undefined;
  for (let ky = 0; ky < height; ky++) {
    for (let kx = 0; kx < width; kx++) {
      const weights = tf.reshape(tf.slice(filter, [ky, kx, 0], [1, 1, -1]), [1, 1, 1, channels]);
      const product = tf.mul(tap(padded, g, ky, kx), weights);
      sum = sum ? tf.add(sum, product) : product;
    }
  }
  return sum as tf.Tensor4D;
}

/** [kh, kw, channels, multiplier] with one axis for all output channels. */
function flat(filter: tf.Tensor): tf.Tensor3D {
  const [height, width, channels, multiplier] = filter.shape as [number, number, number, number];
  return tf.reshape(filter, [height, width, channels * multiplier]);
}

/** Depthwise convolution by tfjs-core ops that every backend has. */
export const portable: Parts<PortableKernel<DepthwiseConv2DGeometry>> = {
  forward({ x, filter, bias }, g) {
    return biasAndActivation(correlate(repeated(padInput(x, g), g.multiplier), flat(filter), g), bias, g.activation);
  },

  /** The convolution of stride 1 of dy, its pixels spread by the stride, with the turned filter. */
  dx({ dy, filter }, g) {
    const turned = tf.reverse(flat(filter), [0, 1]) as tf.Tensor3D;
    return cropInput(gathered(correlate(spreadOutput(dy, g), turned, turnedGeometry(g)), g.multiplier), g);
  },

  dfilter({ x, dy }, g) {
    const padded = repeated(padInput(x, g), g.multiplier);
    const sums: tf.Tensor[] = [];
    for (let ky = 0; ky < g.filterHeight; ky++) {
      for (let kx = 0; kx < g.filterWidth; kx++) sums.push(tf.sum(tf.mul(tap(padded, g, ky, kx), dy), [0, 1, 2]));
    }
    return tf.reshape(tf.concat(sums, 0), [g.filterHeight, g.filterWidth, g.inChannels, g.multiplier]);
  },

  dbias: ({ dy }) => tf.sum(dy, [0, 1, 2]),
};
