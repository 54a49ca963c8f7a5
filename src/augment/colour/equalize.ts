/** Histograms made even. */
import * as tf from '@tensorflow/tfjs-core';
import type { Picture } from '../../data/resize.js';
import { ChanceTransform } from '../chance-transform.js';
import { type ChanceOptions, probability } from '../options.js';
import { applied, type Pixels } from '../pixels.js';
import type { Operation } from '../transform.js';
import { registerTransform } from '../transform-registry.js';
import { throughTables } from './grey-levels.js';
import { LevelOperation } from './level-operation.js';

class Equalize extends LevelOperation {
  onPicture(picture: Picture): Picture {
    return throughTables(picture, tableOf);
  }

  protected onLevels(x: tf.Tensor4D): tf.Tensor4D {
    const [batch, height, width, channels] = x.shape;
    const planes = tf.transpose(x, [0, 3, 1, 2]);
    const levels = tf.reshape(planes, [batch * channels, height * width]) as tf.Tensor2D;
    const first = tf.reshape(tf.range(0, batch * channels, 1, 'float32'), [-1, 1]);
    const places = tf.cast(tf.add(levels, tf.mul(first, 256)), 'int32');
    const even = tf.gather(tf.reshape(tablesOf(levels), [-1]), places);
    return tf.transpose(tf.reshape(even, planes.shape), [0, 2, 3, 1]) as tf.Tensor4D;
  }
}

/**
 * What becomes of every level, [rows, 256], by the levels of each row. All are whole numbers below 2^24, exact on every backend;
 * half of one more in a numerator keeps a quotient from falling below a whole number.
 */
function tablesOf(levels: tf.Tensor2D): tf.Tensor {
  const [rows, pixels] = levels.shape;
  const brightest = tf.sum(tf.cast(tf.equal(levels, tf.max(levels, 1, true)), 'float32'), 1, true);
  const step = tf.floor(tf.div(tf.sub(pixels + 0.5, brightest), 255));
  const below = tf.cumsum(histograms(levels), 1, true);
  const numerators = tf.add(below, tf.add(tf.floor(tf.mul(step, 0.5)), 0.5));
  const quotients = tf.minimum(tf.floor(tf.div(numerators, tf.maximum(step, 1))), 255);
  const same = tf.tile(tf.reshape(tf.range(0, 256, 1, 'float32'), [1, 256]), [rows, 1]);
  return tf.where(tf.tile(tf.equal(step, 0), [1, 256]), same, quotients);
}

/** Number of pixels of every level, [rows, 256]: a product of marks of the upper four bits and marks of the lower ones. */
function histograms(levels: tf.Tensor2D): tf.Tensor {
  const upper = tf.floor(tf.mul(levels, 1 / 16));
  const lower = tf.sub(levels, tf.mul(upper, 16));
  // Not `equal`: on webgl its padding holds ones, and a product of odd length adds them in.
  const marks = (digits: tf.Tensor) => tf.cast(tf.oneHot(tf.cast(digits, 'int32'), 16), 'float32') as tf.Tensor3D;
  return tf.reshape(tf.matMul(marks(upper), marks(lower), true, false), [levels.shape[0], 256]);
}

function tableOf({ pixels, channels }: Picture, channel: number): Uint8Array {
  const counts = new Int32Array(256);
  let brightest = 0;
  for (let i = channel; i < pixels.length; i += channels) {
    const level = pixels[i]!;
    counts[level]!++;
    if (level > brightest) brightest = level;
  }
  const step = Math.floor((pixels.length / channels - counts[brightest]!) / 255);
  const half = step >> 1;
  const { min, floor } = Math;
  const table = new Uint8Array(256);
  let below = 0;
  for (let level = 0; level < 256; level++) {
    table[level] = step === 0 ? level : min(255, floor((below + half) / step));
    below += counts[level]!;
  }
  return table;
}

export const equalizeOperation: Operation = new Equalize();

/**
 * Histogram equalisation, every channel by itself. With n(v) pixels of level v, N in all and the brightest level m, a level
 * becomes (number of darker pixels + step / 2) / step, at most 255, where step = (N - n(m)) / 255; all divisions round down. A
 * channel whose step is 0 (below 256 pixels, or nearly even) stays as it is.
 * Source: torchvision's and Pillow's equalize.
 */
export function equalize<X extends Pixels>(x: X): X {
  return applied('equalize', x, () => equalizeOperation);
}

/** equalize, or not. Draws one number. */
export class RandomEqualize extends ChanceTransform<Required<ChanceOptions>> {
  static readonly className: string = 'RandomEqualize';

  /** @throws ArgumentError where p is no chance */
  constructor(options: ChanceOptions = {}) {
    const { p = 0.5 } = options ?? {};
    super({ p: probability('RandomEqualize', 'p', p) }, options);
  }

  /** @internal */
  protected operationFor(): Operation {
    return equalizeOperation;
  }
}
registerTransform(RandomEqualize);
