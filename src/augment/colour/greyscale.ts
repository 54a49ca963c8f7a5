/** Luma. */
import { floor, mul, sum, type Tensor4D, tensor1d, tile } from '@tensorflow/tfjs-core';
import type { Picture } from '../../data/resize.js';
import { ChanceTransform } from '../chance-transform.js';
import { unchanged } from '../operation.js';
import { type ChanceOptions, probability } from '../options.js';
import { applied, type Pixels } from '../pixels.js';
import type { Operation, PictureSize } from '../transform.js';
import { registerTransform } from '../transform-registry.js';
import { checkColours } from './colours.js';
import { LevelOperation } from './level-operation.js';

/** torchvision's 0.2989, 0.587 and 0.114 in 1/65536: any sum of bytes times them stays below 2^24, exact in float32. */
const RED = 19589;
const GREEN = 38470;
const BLUE = 7471;

/** Luma as one channel: [..., 3] to [..., 1]; grey pictures as they are. */
export function lumaOf(x: Tensor4D): Tensor4D {
  return x.shape[3] === 1 ? x : floor(sum(mul(x, tensor1d([RED / 65536, GREEN / 65536, BLUE / 65536])), 3, true));
}

/** Luma of every pixel. */
export function lumaOfPixels({ pixels, channels }: Picture): Uint8Array {
  if (channels === 1) return pixels;
  const luma = new Uint8Array(pixels.length / 3);
  for (let i = 0, p = 0; i < luma.length; i++, p += 3) {
    luma[i] = (RED * pixels[p]! + GREEN * pixels[p + 1]! + BLUE * pixels[p + 2]!) >> 16;
  }
  return luma;
}

class Greyscale extends LevelOperation {
  onPicture(picture: Picture): Picture {
    const luma = lumaOfPixels(picture);
    const pixels = new Uint8Array(3 * luma.length);
    for (let i = 0, p = 0; i < luma.length; i++) {
      const level = luma[i]!;
      pixels[p++] = level;
      pixels[p++] = level;
      pixels[p++] = level;
    }
    return { ...picture, pixels };
  }

  protected onLevels(x: Tensor4D): Tensor4D {
    return tile(lumaOf(x), [1, 1, 1, 3]);
  }
}

function greyscaleOperation(where: string, size: PictureSize): Operation {
  checkColours(where, size);
  return size.channels === 1 ? unchanged : new Greyscale();
}

/**
 * Luma, 0.2989 red + 0.587 green + 0.114 blue, rounded down, in all three channels; grey pictures stay as they are.
 * Source: torchvision's rgb_to_grayscale of uint8 with num_output_channels 3; ITU-R BT.601.
 *
 * @throws GeometryError for pictures of other than 1 or 3 channels
 */
export function greyscale<X extends Pixels>(x: X): X {
  return applied('greyscale', x, (size) => greyscaleOperation('greyscale', size));
}

/** Luma in all channels, or the picture. Draws one number. */
export class RandomGrayscale extends ChanceTransform<Required<ChanceOptions>> {
  static readonly className: string = 'RandomGrayscale';

  /**
   * @param options p: default 0.1
   * @throws ArgumentError where p is no chance
   */
  constructor(options: ChanceOptions = {}) {
    const { p = 0.1 } = options ?? {};
    super({ p: probability('RandomGrayscale', 'p', p) }, options);
  }

  /** @internal */
  protected operationFor(size: PictureSize): Operation {
    return greyscaleOperation('RandomGrayscale', size);
  }
}
registerTransform(RandomGrayscale);
