import { cast, type Tensor4D, tensor4d, where } from '@tensorflow/tfjs-core';
import type { Picture } from '../../data/resize.js';
import { type Box, boxWithin } from '../geometry/crop.js';
import { BatchOperation } from '../operation.js';
import { type Fill, fillOf, fillOption } from '../options.js';
import { applied, type Pixels } from '../pixels.js';
import type { Operation, PictureSize } from '../transform.js';

/** Pixels of a box replaced by others, given as bytes [box.height, box.width, channels]; nothing else changes. */
export class EraseBox extends BatchOperation {
  constructor(
    private readonly box: Box,
    private readonly pixels: Uint8Array,
  ) {
    super();
  }

  onPicture(picture: Picture): Picture {
    const pixels = picture.pixels.slice();
    this.write(pixels, picture);
    return { ...picture, pixels };
  }

  protected onBatch(x: Tensor4D): Tensor4D {
    const [, height, width, channels] = x.shape;
    const shape: [number, number, number, number] = [1, height, width, channels];
    const levels = new Uint8Array(height * width * channels);
    this.write(levels, { width, channels });
    const { box } = this;
    const mask = new Uint8Array(height * width);
    for (let y = box.top; y < box.top + box.height; y++) mask.fill(1, y * width + box.left, y * width + box.left + box.width);
    return where(tensor4d(mask, [1, height, width, 1], 'bool'), cast(tensor4d(levels, shape, 'int32'), 'float32'), x);
  }

  private write(to: Uint8Array, { width, channels }: Pick<PictureSize, 'width' | 'channels'>): void {
    const { top, left, height, width: across } = this.box;
    const row = across * channels;
    for (let y = 0; y < height; y++) {
      to.set(this.pixels.subarray(y * row, (y + 1) * row), ((top + y) * width + left) * channels);
    }
  }
}

/** A box of one colour, in whole grey levels. */
export function filledBox(box: Box, levels: readonly number[]): Operation {
  const colour = Uint8ClampedArray.from(levels);
  const pixels = new Uint8Array(box.height * box.width * colour.length);
  for (let i = 0; i < pixels.length; i++) pixels[i] = colour[i % colour.length]!;
  return new EraseBox(box, pixels);
}

/**
 * A box of pixels replaced by one colour. Source: torchvision's erase.
 *
 * @param box   top, left, height, width in whole pixels, inside of the picture
 * @param value grey level of all channels, or of each, to the nearest whole one; default 0
 * @throws GeometryError where the box does not lie in the picture, ArgumentError for a value that is no grey level
 */
export function erase<X extends Pixels>(x: X, box: Box, value: Fill = 0): X {
  const levels = fillOption('erase', value, 'value');
  return applied('erase', x, (size) => filledBox(boxWithin('erase', box, size), fillOf('erase', levels, size, 'value')));
}
