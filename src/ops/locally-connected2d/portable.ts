import * as tf from '@tensorflow/tfjs-core';
import type { Parts, PortableKernel } from '../../kernels.js';
import { biasAndActivation } from '../activation/portable-fused.js';
import { padInput, tap } from '../conv2d/portable-window.js';
import { forEachPlace, sendBack } from '../pool/phases.js';
import type { LocallyConnected2DGeometry } from './geometry.js';

const places = (g: LocallyConnected2DGeometry): number => g.outHeight * g.outWidth;
const taps = (g: LocallyConnected2DGeometry): number => g.filterHeight * g.filterWidth * g.inChannels;

/** [batch, outHeight, outWidth, size] as [places, batch, size], or back. */
function byPlace(x: tf.Tensor, g: LocallyConnected2DGeometry, size: number): tf.Tensor3D {
  return tf.transpose(tf.reshape(x, [g.batch, places(g), size]), [1, 0, 2]) as tf.Tensor3D;
}

function byPicture(x: tf.Tensor, g: LocallyConnected2DGeometry, size: number): tf.Tensor4D {
  return tf.reshape(tf.transpose(x, [1, 0, 2]), [g.batch, g.outHeight, g.outWidth, size]);
}

/** What every place sees of every picture: [places, batch, taps]. */
function windows(x: tf.Tensor, g: LocallyConnected2DGeometry): tf.Tensor3D {
  const padded = padInput(x, g);
  const seen: tf.Tensor4D[] = [];
  forEachPlace(g, (ky, kx) => seen.push(tap(padded, g, ky, kx)));
  return byPlace(seen.length === 1 ? seen[0]! : tf.concat(seen, 3), g, taps(g));
}

function filters(filter: tf.Tensor, g: LocallyConnected2DGeometry): tf.Tensor3D {
  return tf.reshape(filter, [places(g), taps(g), g.outChannels]);
}

/** A product of matrices for every place. */
export const portable: Parts<PortableKernel<LocallyConnected2DGeometry>> = {
  forward: ({ x, filter, bias }, g) => {
    const product = tf.matMul(windows(x!, g), filters(filter!, g));
    return biasAndActivation(byPicture(product, g, g.outChannels), bias, g.activation);
  },

  dx: ({ dy, filter }, g) => {
    const product = tf.matMul(byPlace(dy!, g, g.outChannels), filters(filter!, g), false, true);
    const sent = byPicture(product, g, taps(g));
    return sendBack(g, (ky, kx) =>
      tf.slice(sent, [0, 0, 0, (ky * g.filterWidth + kx) * g.inChannels], [-1, -1, -1, g.inChannels]),
    );
  },

  dfilter: ({ x, dy }, g) => {
    const product = tf.matMul(windows(x!, g), byPlace(dy!, g, g.outChannels), true);
    return tf.reshape(product, [g.outHeight, g.outWidth, taps(g), g.outChannels]);
  },

  dbias: ({ dy }) => tf.sum(dy!, 0),
};
