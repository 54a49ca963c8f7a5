/** What random changes of pictures have in common: what is drawn, and what is done with it. */
import type { Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Picture } from '../data/resize.js';

/** Uniform numbers in [0, 1). */
export type Random = () => number;

/** Size of a picture, in pixels, and its number of channels. */
export type PictureSize = Pick<Picture, 'height' | 'width' | 'channels'>;

/** One change of pictures with nothing left to chance. */
export interface Operation {
  /** Of bytes, in workers and pipelines. Gives a new picture or, where nothing changes, the same. */
  onPicture(picture: Picture): Picture;
  /**
   * Of a float32 tensor with grey levels 0..255, [height, width, channels] or, every picture alike, [batch, height, width,
   * channels], on any backend: within one grey level of onPicture, since nothing is rounded; what is cut, moved or masked exactly
   * so. Gives a new tensor or, where nothing changes, the same.
   */
  onTensor<X extends Tensor3D | Tensor4D>(x: X): X;
  /** One operation that does this and then the next, with the same result; undefined where there is none. */
  followedBy?(next: Operation): Operation | undefined;
}

/** A random change of pictures. Its class is registered by name, so that workers and saved models can make it again. */
export interface Transform {
  /** Name of the class in the registry. */
  readonly className: string;
  /** Draws all that is random, in a fixed order, for a picture of that size. */
  draw(random: Random, size: PictureSize): Operation;
  /** Size of what comes out of a picture of that size. */
  sizeAfter(size: PictureSize): PictureSize;
  /** Whether it draws nothing, and so does the same to a picture each time; default false. */
  readonly fixed?: boolean;
  /** Its options, plain JSON: `transformFrom({ className, config })` makes it again. */
  getConfig(): Record<string, unknown>;
}
