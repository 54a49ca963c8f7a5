import { add, floor, mean, mul, type Tensor4D } from '@tensorflow/tfjs-core';
import type { Picture } from '../../data/resize.js';
import { applied, type Pixels } from '../pixels.js';
import type { Operation, PictureSize } from '../transform.js';
import { blendFactor, checkColours, toLevels } from './colours.js';
import { inExactSteps } from './exact.js';
import { levelTable, throughTable, toLevel } from './grey-levels.js';
import { lumaOf, lumaOfPixels } from './greyscale.js';
import { LevelOperation } from './level-operation.js';

/** What decides ties of the mean: more than a division in float32 is off, less than means of some thousand pixels differ by. */
const TIE = 0.5 + 2 ** -12;

class Contrast extends LevelOperation {
  constructor(private readonly factor: number) {
    super();
  }

  onPicture(picture: Picture): Picture {
    const luma = lumaOfPixels(picture);
    let sum = 0;
    for (let i = 0; i < luma.length; i++) sum += luma[i]!;
    const { factor } = this;
    const grey = ((1 - factor) * Math.floor((8 * sum) / luma.length + TIE)) / 8;
    const table = levelTable((level) => toLevel(factor * level + grey));
    return throughTable(picture, table);
  }

  protected onLevels(x: Tensor4D): Tensor4D {
    const eighths = floor(add(mul(mean(lumaOf(x), [1, 2, 3], true), 8), TIE));
    return toLevels(add(mul(x, this.factor), mul(eighths, (1 - this.factor) / 8)));
  }
}

export function contrastOperation(factor: number, size: PictureSize): Operation {
  checkColours('adjustContrast', size);
  return new Contrast(inExactSteps(blendFactor('adjustContrast', factor)));
}

/**
 * Grey levels moved away from the mean of the picture's luma, or towards it: factor x + (1 - factor) mean, cut to 0..255 and
 * rounded down. The mean is taken to the nearest 1/8. Source: torchvision's adjust_contrast of uint8.
 *
 * @param factor 0 makes even grey, 1 changes nothing; taken to the nearest 1/1024
 * @throws ArgumentError for a negative factor, GeometryError for pictures of other than 1 or 3 channels
 */
export function adjustContrast<X extends Pixels>(x: X, factor: number): X {
  return applied('adjustContrast', x, (size) => contrastOperation(factor, size));
}
