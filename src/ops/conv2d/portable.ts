import * as tf from '@tensorflow/tfjs-core';
import type { WindowGeometry } from '../../geometry.js';
import type { Parts, PortableKernel } from '../../kernels.js';
import { biasAndActivation } from '../activation/portable-fused.js';
import type { Conv2DGeometry } from './geometry.js';
import { cropInput, padInput, spreadOutput, tap, turnedGeometry } from './portable-window.js';

/** Part `group` of `groups` of the last axis. */
function groupOf(x: tf.Tensor4D, group: number, groups: number): tf.Tensor4D {
  if (groups === 1) return x;
  const size = x.shape[3] / groups;
  return tf.slice(x, [0, 0, 0, group * size], [-1, -1, -1, size]);
}

/** The parts side by side again. */
function joined(parts: tf.Tensor4D[]): tf.Tensor4D {
  return parts.length === 1 ? parts[0]! : tf.concat(parts, 3);
}

/** Convolution of a padded picture, without groups. */
function correlate(padded: tf.Tensor4D, filter: tf.Tensor4D, g: WindowGeometry): tf.Tensor4D {
  const strides: [number, number] = [g.strideHeight, g.strideWidth];
  const dilations: [number, number] = [g.dilationHeight, g.dilationWidth];
  const one = ([a, b]: [number, number]): boolean => a === 1 && b === 1;
  if (one(strides) || one(dilations)) return tf.conv2d(padded, filter, strides, 'valid', 'NHWC', dilations);
  // tfjs refuses strides with dilations: one product for each filter element.
  const [, , channels, outChannels] = filter.shape;
  const places = [g.batch * g.outHeight * g.outWidth, channels] as [number, number];
  let sum: tf.Tensor | undefined;
  for (let ky = 0; ky < g.filterHeight; ky++) {
    for (let kx = 0; kx < g.filterWidth; kx++) {
      const weights = tf.reshape(tf.slice(filter, [ky, kx, 0, 0], [1, 1, -1, -1]), [channels, outChannels]);
      const product = tf.matMul(tf.reshape(tap(padded, g, ky, kx), places), weights);
      sum = sum ? tf.add(sum, product) : product;
    }
  }
  return tf.reshape(sum!, [g.batch, g.outHeight, g.outWidth, outChannels]) as tf.Tensor4D;
}

/** The filter turned by half a turn, its input and output channels changed over. */
function turned(filter: tf.Tensor4D): tf.Tensor4D {
  return tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]) as tf.Tensor4D;
}

/** dfilter without groups: one product [channels, places] [places, outChannels] for each filter element. */
function filterGradient(padded: tf.Tensor4D, dy: tf.Tensor4D, g: WindowGeometry): tf.Tensor4D {
  const channels = padded.shape[3];
  const outChannels = dy.shape[3];
  const places = g.batch * g.outHeight * g.outWidth;
  const right = tf.reshape(dy, [places, outChannels]) as tf.Tensor2D;
  const products: tf.Tensor[] = [];
  for (let ky = 0; ky < g.filterHeight; ky++) {
    for (let kx = 0; kx < g.filterWidth; kx++) {
      const seen = tf.reshape(tap(padded, g, ky, kx), [places, channels]) as tf.Tensor2D;
      products.push(tf.matMul(tf.transpose(seen), right));
    }
  }
  return tf.reshape(tf.concat(products, 0), [g.filterHeight, g.filterWidth, channels, outChannels]) as tf.Tensor4D;
}

/**
 * Convolution by tfjs-core's forward convolution and matrix products: no backend has all gradients (stock
 * wasm none of the filter, none has dilations or groups), but all have these.
 */
export const portable: Parts<PortableKernel<Conv2DGeometry>> = {
  forward({ x, filter, bias }, g) {
    const padded = padInput(x, g);
    const parts = Array.from({ length: g.groups }, (_, group) =>
      correlate(groupOf(padded, group, g.groups), groupOf(filter as tf.Tensor4D, group, g.groups), g),
    );
    return biasAndActivation(joined(parts), bias, g.activation);
  },

  /** The convolution of stride 1 of dy, its pixels spread by the stride, with the turned filter. */
  dx({ dy, filter }, g) {
    const spread = spreadOutput(dy, g);
    const parts = Array.from({ length: g.groups }, (_, group) =>
      correlate(groupOf(spread, group, g.groups), turned(groupOf(filter as tf.Tensor4D, group, g.groups)), turnedGeometry(g)),
    );
    return cropInput(joined(parts), g);
  },

  dfilter({ x, dy }, g) {
    const padded = padInput(x, g);
    const parts = Array.from({ length: g.groups }, (_, group) =>
      filterGradient(groupOf(padded, group, g.groups), groupOf(dy as tf.Tensor4D, group, g.groups), g),
    );
    return joined(parts);
  },

  dbias: ({ dy }) => tf.sum(dy, [0, 1, 2]),
};
