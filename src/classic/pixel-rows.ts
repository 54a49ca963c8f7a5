import { type Tensor2D, tensor2d } from '@tensorflow/tfjs-core';
import type { ImageDataset } from '../data/dataset.js';

/** Pictures as features: [pictures, height * width * channels], bytes / 255. */
export function pixelRows({ images, count, height, width, channels }: ImageDataset): Tensor2D {
  const values = new Float32Array(images.length);
  for (let i = 0; i < images.length; i++) values[i] = images[i]! / 255;
  return tensor2d(values, [count, height * width * channels]);
}
