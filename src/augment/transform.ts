/** What random changes of pictures have in common: what is drawn, and what is done with it. */
import type { Tensor3D } from '@tensorflow/tfjs-core';
import type { Picture } from '../data/resize.js';

/** Uniform numbers in [0, 1). */
export type Random = () => number;

/** Size of a picture, in pixels, and its number of channels. */
export type PictureSize = Pick<Picture, 'height' | 'width' | 'channels'>;

/** One change of one picture with nothing left to chance. */
export interface Operation {
  /** Of bytes, in workers and pipelines. Gives a new picture or, where nothing changes, the same. */
  onPicture(picture: Picture): Picture;
  /**
   * Of a float32 tensor [height, width, channels] with grey levels 0..255, on any backend: within one grey level of onPicture;
   * what is cut, moved or masked exactly so.
   */
  onTensor(x: Tensor3D): Tensor3D;
}

/** A random change of pictures. Its class is registered by name, so that workers and saved models can make it again. */
export interface Transform {
  /** Name of the class in the registry. */
  readonly className: string;
  /** Draws all that is random, in a fixed order, for a picture of that size. */
  draw(random: Random, size: PictureSize): Operation;
  /** Size of what comes out of a picture of that size. */
  sizeAfter(size: PictureSize): PictureSize;
  /** Its options, plain JSON: `transformFrom({ className, config })` makes it again. */
  getConfig(): Record<string, unknown>;
}
