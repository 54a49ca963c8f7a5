/** Grey levels stretched to the whole range. */
import { add, div, equal, floor, max, maximum, min, mul, sub, type Tensor4D, where } from '@tensorflow/tfjs-core';
import type { Picture } from '../../data/resize.js';
import { ChanceTransform } from '../chance-transform.js';
import { type ChanceOptions, probability } from '../options.js';
import { applied, type Pixels } from '../pixels.js';
import type { Operation } from '../transform.js';
import { registerTransform } from '../transform-registry.js';
import { levelTable, throughTables } from './grey-levels.js';
import { LevelOperation } from './level-operation.js';

class Autocontrast extends LevelOperation {
  onPicture(picture: Picture): Picture {
    return throughTables(picture, stretchOf);
  }

  protected onLevels(x: Tensor4D): Tensor4D {
    const lowest = min(x, [1, 2], true);
    const range = sub(max(x, [1, 2], true), lowest);
    // Half of one more in the numerator: a division in float32 cannot fall below a whole quotient then, nor reach the next.
    const stretched = floor(div(add(mul(sub(x, lowest), 255), 0.5), maximum(range, 1))) as Tensor4D;
    return where(equal(range, 0), x, stretched);
  }
}

function stretchOf({ pixels, channels }: Picture, channel: number): Uint8Array {
  let lowest = 255;
  let highest = 0;
  for (let i = channel; i < pixels.length; i += channels) {
    const level = pixels[i]!;
    if (level < lowest) lowest = level;
    if (level > highest) highest = level;
  }
  const range = highest - lowest;
  const { floor } = Math;
  return levelTable((level) => (range === 0 ? level : floor((255 * (level - lowest)) / range)));
}

export const autocontrastOperation: Operation = new Autocontrast();

/**
 * Every channel stretched so that its darkest level becomes 0 and its brightest 255: 255 (x - min) / (max - min), rounded down.
 * A channel of one level stays as it is.
 * Source: torchvision's autocontrast of uint8, whose quotients in float32 may fall just below a whole number.
 */
export function autocontrast<X extends Pixels>(x: X): X {
  return applied('autocontrast', x, () => autocontrastOperation);
}

/** autocontrast, or not. Draws one number. */
export class RandomAutocontrast extends ChanceTransform<Required<ChanceOptions>> {
  static readonly className: string = 'RandomAutocontrast';

  /** @throws ArgumentError where p is no chance */
  constructor(options: ChanceOptions = {}) {
    const { p = 0.5 } = options ?? {};
    super({ p: probability('RandomAutocontrast', 'p', p) }, options);
  }

  /** @internal */
  protected operationFor(): Operation {
    return autocontrastOperation;
  }
}
registerTransform(RandomAutocontrast);
