/** Several views of one picture, whose predictions are averaged. */
import { dispose, Tensor } from '@tensorflow/tfjs-core';
import { flag, onlyKnown } from '../../checks.js';
import type { Pair } from '../../geometry.js';
import { type Pixels, pixelSize } from '../pixels.js';
import type { PictureSize } from '../transform.js';
import { type Box, centerCropBox, crop } from './crop.js';
import { flipHorizontal, flipVertical } from './flip.js';

/** Options of tenCrop. */
export interface TenCropOptions {
  /** Mirrors top and bottom rather than left and right; default false. */
  verticalFlip?: boolean;
}

/**
 * The boxes of fiveCrop: top left, top right, bottom left, bottom right, middle.
 *
 * @param cropSize height and width: one number, or [height, width]
 * @throws GeometryError where the picture is smaller
 */
export function fiveCropBoxes(size: Pick<PictureSize, 'height' | 'width'>, cropSize: Pair): Box[] {
  const middle = centerCropBox(size, cropSize);
  const { height, width } = middle;
  const [bottom, right] = [size.height - height, size.width - width];
  const corners = [
    { top: 0, left: 0 },
    { top: 0, left: right },
    { top: bottom, left: 0 },
    { top: bottom, left: right },
  ];
  return [...corners.map((corner) => ({ ...corner, height, width })), middle];
}

/**
 * Four corners and the middle. Source: torchvision's five_crop.
 *
 * @returns five pictures or tensors: top left, top right, bottom left, bottom right, middle
 * @throws ArgumentError where x is no picture, or smaller
 */
export function fiveCrop<X extends Pixels>(x: X, cropSize: Pair): X[] {
  return fiveCropBoxes(pixelSize('fiveCrop', x), cropSize).map((box) => crop(x, box));
}

/**
 * Four corners and the middle, and those of the mirror image: AlexNet's ten views. Source: torchvision's ten_crop.
 *
 * @returns ten pictures or tensors
 * @throws ArgumentError where x is no picture, or smaller
 */
export function tenCrop<X extends Pixels>(x: X, cropSize: Pair, options: TenCropOptions = {}): X[] {
  const { verticalFlip = false } = onlyKnown('tenCrop', options, ['verticalFlip']);
  const vertical = flag('tenCrop', 'verticalFlip', verticalFlip);
  const views = fiveCrop(x, cropSize);
  const mirrored = vertical ? flipVertical(x) : flipHorizontal(x);
  const others = fiveCrop(mirrored, cropSize);
  if (mirrored instanceof Tensor) dispose(mirrored);
  return [...views, ...others];
}
