import { clipByValue, floor, type Tensor4D } from '@tensorflow/tfjs-core';
import { refuse } from '../../checks.js';
import { GeometryError } from '../../geometry.js';
import type { PictureSize } from '../transform.js';

/** @throws GeometryError where pictures are neither grey (1) nor red, green and blue (3) */
export function checkColours(where: string, { channels }: PictureSize): void {
  if (channels === 1 || channels === 3) return;
  throw new GeometryError(`${where}: pictures must have 1 channel (grey) or 3 (red, green, blue), got ${channels}`);
}

/** Of blending: 0 is the other picture, 1 the same. @throws ArgumentError where it is negative or no finite number */
export function blendFactor(where: string, factor: number, argument = 'factor'): number {
  return factor >= 0 && factor < Infinity ? factor : refuse(where, argument, 'a finite number >= 0', factor);
}

/** Whole grey levels: cut to 0..255 and rounded down, as torchvision's do. */
export function toLevels(x: Tensor4D): Tensor4D {
  return floor(clipByValue(x, 0, 255));
}
