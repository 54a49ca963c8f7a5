/** Pictures made sharper, or smoothed. */
import * as tf from '@tensorflow/tfjs-core';
import type { Picture } from '../../data/resize.js';
import { ChanceTransform } from '../chance-transform.js';
import { unchanged } from '../operation.js';
import { type ChanceOptions, probability } from '../options.js';
import { applied, type Pixels } from '../pixels.js';
import type { Operation, PictureSize } from '../transform.js';
import { registerTransform } from '../transform-registry.js';
import { blendFactor, toLevels } from './colours.js';
import { inExactSteps } from './exact.js';
import { toLevel } from './grey-levels.js';
import { LevelOperation } from './level-operation.js';

/** Options of RandomAdjustSharpness. */
export interface RandomAdjustSharpnessOptions extends ChanceOptions {
  /** 0 smooths, 1 changes nothing, 2 sharpens. */
  sharpnessFactor: number;
}

/** Weights of a pixel and its neighbours. */
const WEIGHTS = [1, 1, 1, 1, 5, 1, 1, 1, 1];
const TOTAL = 13;
/** What rounds a quotient: no thirteenth is a half. */
const HALF = 6;

class Sharpness extends LevelOperation {
  constructor(private readonly factor: number) {
    super();
  }

  onPicture(picture: Picture): Picture {
    const { factor } = this;
    const { pixels: from, height, width, channels } = picture;
    const { floor } = Math;
    const pixels = from.slice();
    const row = width * channels;
    const columns = new Int32Array(row);
    for (let y = 1; y < height - 1; y++) {
      const middle = y * row;
      for (let i = 0, at = middle; i < row; i++, at++) columns[i] = from[at - row]! + from[at]! + from[at + row]!;
      for (let i = channels, at = middle + channels; i < row - channels; i++, at++) {
        const level = from[at]!;
        const sum = columns[i - channels]! + columns[i]! + columns[i + channels]! + 4 * level;
        pixels[at] = toLevel(factor * level + (1 - factor) * floor((sum + HALF) / TOTAL));
      }
    }
    return { ...picture, pixels };
  }

  protected onLevels(x: tf.Tensor4D): tf.Tensor4D {
    const [batch, height, width, channels] = x.shape;
    const weights = tf.tile(tf.tensor4d(WEIGHTS, [3, 3, 1, 1]), [1, 1, channels, 1]);
    const sums = tf.depthwiseConv2d(x, weights, 1, 'valid');
    // Half of one more: no division in float32 falls below a whole quotient then.
    const smooth = tf.floor(tf.div(tf.add(sums, HALF + 0.5), TOTAL));
    const inner = tf.slice4d(x, [0, 1, 1, 0], [batch, height - 2, width - 2, channels]);
    const differences = tf.pad4d(tf.sub(smooth, inner), [
      [0, 0],
      [1, 1],
      [1, 1],
      [0, 0],
    ]);
    return toLevels(tf.add(x, tf.mul(differences, 1 - this.factor)));
  }
}

export function sharpnessOperation(factor: number, { height, width }: PictureSize): Operation {
  const exact = inExactSteps(blendFactor('adjustSharpness', factor));
  return height < 3 || width < 3 ? unchanged : new Sharpness(exact);
}

/**
 * Every pixel moved away from the mean of its neighbourhood, or towards it: factor x + (1 - factor) smooth, cut to 0..255 and
 * rounded down; smooth is the mean of 3 x 3 pixels, of which the middle one counts five times, to the nearest level. The
 * outermost pixels stay as they are, and so do pictures less than 3 pixels high or wide.
 * Source: torchvision's adjust_sharpness of uint8, Pillow's SMOOTH.
 *
 * @param factor 0 smooths, 1 changes nothing, 2 sharpens; taken to the nearest 1/1024
 * @throws ArgumentError for a negative factor
 */
export function adjustSharpness<X extends Pixels>(x: X, factor: number): X {
  return applied('adjustSharpness', x, (size) => sharpnessOperation(factor, size));
}

/** adjustSharpness, or not. Draws one number. */
export class RandomAdjustSharpness extends ChanceTransform<Required<RandomAdjustSharpnessOptions>> {
  static readonly className: string = 'RandomAdjustSharpness';

  /** @throws ArgumentError naming the option that is wrong */
  constructor(options: RandomAdjustSharpnessOptions) {
    const { sharpnessFactor, p = 0.5 } = options ?? {};
    super(
      {
        sharpnessFactor: blendFactor('RandomAdjustSharpness', sharpnessFactor, 'sharpnessFactor'),
        p: probability('RandomAdjustSharpness', 'p', p),
      },
      options,
    );
  }

  /** @internal */
  protected operationFor(size: PictureSize): Operation {
    return sharpnessOperation(this.options.sharpnessFactor, size);
  }
}
registerTransform(RandomAdjustSharpness);
