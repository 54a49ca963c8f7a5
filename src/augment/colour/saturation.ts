import { add, mul, type Tensor4D } from '@tensorflow/tfjs-core';
import type { Picture } from '../../data/resize.js';
import { unchanged } from '../operation.js';
import { applied, type Pixels } from '../pixels.js';
import type { Operation, PictureSize } from '../transform.js';
import { blendFactor, checkColours, toLevels } from './colours.js';
import { inExactSteps } from './exact.js';
import { toLevel } from './grey-levels.js';
import { lumaOf, lumaOfPixels } from './greyscale.js';
import { LevelOperation } from './level-operation.js';

class Saturation extends LevelOperation {
  constructor(private readonly factor: number) {
    super();
  }

  onPicture(picture: Picture): Picture {
    const { factor } = this;
    const luma = lumaOfPixels(picture);
    const from = picture.pixels;
    const pixels = new Uint8Array(from.length);
    for (let i = 0, p = 0; i < luma.length; i++) {
      const grey = (1 - factor) * luma[i]!;
      for (let c = 0; c < 3; c++, p++) pixels[p] = toLevel(factor * from[p]! + grey);
    }
    return { ...picture, pixels };
  }

  protected onLevels(x: Tensor4D): Tensor4D {
    return toLevels(add(mul(x, this.factor), mul(lumaOf(x), 1 - this.factor)));
  }
}

export function saturationOperation(factor: number, size: PictureSize): Operation {
  checkColours('adjustSaturation', size);
  const exact = inExactSteps(blendFactor('adjustSaturation', factor));
  return size.channels === 1 ? unchanged : new Saturation(exact);
}

/**
 * Colours moved away from the pixel's luma, or towards it: factor x + (1 - factor) luma, cut to 0..255 and rounded down. Grey
 * pictures stay as they are. Source: torchvision's adjust_saturation of uint8.
 *
 * @param factor 0 makes grey, 1 changes nothing; taken to the nearest 1/1024
 * @throws ArgumentError for a negative factor, GeometryError for pictures of other than 1 or 3 channels
 */
export function adjustSaturation<X extends Pixels>(x: X, factor: number): X {
  return applied('adjustSaturation', x, (size) => saturationOperation(factor, size));
}
