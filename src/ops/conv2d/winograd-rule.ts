/** When a convolution is computed by Winograd's algorithm: where it can, where it pays, and unless the user says no. */
import { env } from '@tensorflow/tfjs-core';
import type { Conv2DGeometry } from './geometry.js';
import { rowBytes, tiling } from './winograd-plan.js';

const FLAG = 'CNN_WINOGRAD';
env().registerFlag(FLAG, () => true);

/**
 * Whether Winograd may be used: tf.env().set('CNN_WINOGRAD', false) says no, for callers who want the
 * smaller rounding error of direct sums (winograd-error.ts tells how much smaller).
 */
export function winogradAllowed(): boolean {
  return env().getBool(FLAG);
}

/** Channels from which on it pays (measured: from 8 on a third, from 16 on twice as fast as matrix products). */
const LEAST_CHANNELS = 16;
/** Bytes of transformed filters beyond which matrix products are used. */
const MOST_FILTER_BYTES = 1e8;

/**
 * What a convolution costs a pair of channels, in multiplications of a matrix product: a tile has 36 and
 * its transforms, the filters' transforms count once and more where they do not fit into the cache.
 * Fitted to measurements of 16 to 512 channels, pictures of 2 to 56 pixels a side, batches of 1 to 128.
 */
function pays(g: Conv2DGeometry): boolean {
  const { count } = tiling(g.batch, g.outHeight, g.outWidth);
  const filters = g.inChannels * g.outChannels <= 128 * 128 ? 200 : 600;
  return 50 * count + filters <= 9 * g.batch * g.outHeight * g.outWidth;
}

/**
 * Whether Winograd can compute this convolution and its gradients and is faster than matrix products.
 * A function of the geometry alone; its error bound (winograd-error.ts) grows with the channels as a direct sum's.
 */
export function winogradSuits(g: Conv2DGeometry): boolean {
  return (
    [g.filterHeight, g.filterWidth].every((size) => size === 3) &&
    [g.strideHeight, g.strideWidth, g.dilationHeight, g.dilationWidth, g.groups].every((one) => one === 1) &&
    [g.padTop, g.padBottom, g.padLeft, g.padRight].every((pad) => pad >= 0 && pad <= 2) &&
    g.inChannels >= LEAST_CHANNELS &&
    g.outChannels >= LEAST_CHANNELS &&
    36 * g.inChannels * rowBytes(g.outChannels) <= MOST_FILTER_BYTES &&
    pays(g)
  );
}
