import { DataError, type ImageDataset } from '../dataset.js';
import { type BlockOrigin, BlockReader } from './block-reader.js';
import type { PictureSource } from './picture-source.js';

/** Pictures of one size in one block of memory. */
export function memorySource(dataset: ImageDataset): PictureSource {
  const { images, labels, count, height, width, channels, classNames, sourceDescription } = dataset;
  const bytesEach = height * width * channels;
  if (images.length !== count * bytesEach) {
    throw new DataError(sourceDescription, `${count * bytesEach} bytes for ${count} pictures`, `${images.length}`);
  }
  return {
    count,
    labels,
    classNames,
    height,
    width,
    channels,
    sourceDescription,
    open: () => new BlockReader(dataset, images),
    worker: {
      program: async () => (await import('./worker/memory-worker.generated.js')).program,
      origin: { height, width, channels, sourceDescription } satisfies BlockOrigin,
      bytesEach,
      bytesOf(places, into) {
        for (let i = 0; i < places.length; i++) {
          into.set(images.subarray(places[i]! * bytesEach, (places[i]! + 1) * bytesEach), i * bytesEach);
        }
      },
    },
  };
}
