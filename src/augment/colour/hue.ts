import * as tf from '@tensorflow/tfjs-core';
import { refuse } from '../../checks.js';
import type { Picture } from '../../data/resize.js';
import { unchanged } from '../operation.js';
import { applied, type Pixels } from '../pixels.js';
import type { Operation, PictureSize } from '../transform.js';
import { checkColours } from './colours.js';
import { LevelOperation } from './level-operation.js';

/** Steps of a sixth of the circle: a turn is a whole number of them. */
const STEPS = 512;
/** Where on the circle, in sixths, red, green and blue are asked for their value. */
const PLACES = [5, 3, 1] as const;

class Hue extends LevelOperation {
  /** @param turn in steps */
  constructor(private readonly turn: number) {
    super();
  }

  onPicture(picture: Picture): Picture {
    const { turn } = this;
    const from = picture.pixels;
    const pixels = new Uint8Array(from.length);
    for (let i = 0; i < from.length; i += 3) {
      const red = from[i]!;
      const green = from[i + 1]!;
      const blue = from[i + 2]!;
      const highest = red > green ? (red > blue ? red : blue) : green > blue ? green : blue;
      const lowest = red < green ? (red < blue ? red : blue) : green < blue ? green : blue;
      const chroma = highest - lowest;
      const hue = highest === red ? green - blue : highest === green ? 2 * chroma + blue - red : 4 * chroma + red - green;
      const one = STEPS * chroma;
      const place = intoCircleOf(6 * one, STEPS * hue + turn * chroma);
      for (let c = 0; c < 3; c++) {
        const k = intoCircleOf(6 * one, place + PLACES[c]! * one);
        const fall = k < 3 * one ? k : 4 * one - k;
        pixels[i + c] = (STEPS * highest - (fall < 0 ? 0 : fall > one ? one : fall) + STEPS / 2) >> 9;
      }
    }
    return { ...picture, pixels };
  }

  protected onLevels(x: tf.Tensor4D): tf.Tensor4D {
    const [red, green, blue] = tf.split(x, 3, 3) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
    const highest = tf.max(x, 3, true) as tf.Tensor4D;
    const chroma = tf.sub(highest, tf.min(x, 3, true)) as tf.Tensor4D;
    const hue = tf.where(
      tf.equal(highest, red),
      tf.sub(green, blue),
      tf.where(
        tf.equal(highest, green),
        tf.add(tf.mul(chroma, 2), tf.sub(blue, red)),
        tf.add(tf.mul(chroma, 4), tf.sub(red, green)),
      ),
    );
    const whole = tf.mul(chroma, 6);
    const place = intoCircle(whole, tf.add(hue, tf.mul(chroma, this.turn / STEPS)));
    const k = intoCircle(whole, tf.add(place, tf.mul(chroma, tf.tensor1d([...PLACES]))));
    const fall = tf.maximum(0, tf.minimum(tf.minimum(k, tf.sub(tf.mul(chroma, 4), k)), chroma));
    return tf.floor(tf.add(tf.sub(highest, fall), 0.5));
  }
}

/** place modulo whole, where it is less than one circle away. */
function intoCircleOf(whole: number, place: number): number {
  return place < 0 ? place + whole : place >= whole ? place - whole : place;
}

function intoCircle(whole: tf.Tensor, place: tf.Tensor): tf.Tensor {
  const notBelow = tf.where(tf.less(place, 0), tf.add(place, whole), place);
  return tf.where(tf.greaterEqual(notBelow, whole), tf.sub(notBelow, whole), notBelow);
}

export function hueOperation(factor: number, size: PictureSize): Operation {
  checkColours('adjustHue', size);
  if (!(Math.abs(factor) <= 0.5)) refuse('adjustHue', 'factor', 'a number in [-0.5, 0.5]', factor);
  return size.channels === 1 ? unchanged : new Hue(Math.round(factor * 6 * STEPS));
}

/**
 * Hue turned by a part of the circle; value and saturation of HSV stay. Grey pictures stay as they are.
 *
 * With the chroma C = max - min of a pixel and its hue H in sixths of the circle, a channel is max - max(0, min(k, 4C - k, C)),
 * where k = C ((n + H) mod 6) and n = 5, 3, 1 for red, green, blue. C H is a difference of channels plus a multiple of C, so that
 * nothing is divided; the result alone is rounded, to the nearest level.
 * Source: Smith 1978 (HSV); torchvision's adjust_hue of uint8, which rounds down after times 255.999 / 255.
 *
 * @param factor part of the circle, in [-0.5, 0.5]; 0 changes nothing; taken to the nearest 1/3072
 * @throws ArgumentError for another factor, GeometryError for pictures of other than 1 or 3 channels
 */
export function adjustHue<X extends Pixels>(x: X, factor: number): X {
  return applied('adjustHue', x, (size) => hueOperation(factor, size));
}
