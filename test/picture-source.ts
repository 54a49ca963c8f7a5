/** Pictures in memory as batches. */
import type { BatchSource } from '../src/data/batch-source.js';
import { DataLoader } from '../src/data/data-loader.js';
import type { ImageDataset } from '../src/data/dataset.js';

/** Shuffled, in another order every epoch. @param batchSize default: all at once */
export function pictureSource(dataset: ImageDataset, batchSize = dataset.count): BatchSource {
  return new DataLoader(dataset, { batchSize, shuffle: true });
}

/** The same, but for what is given. */
export function changed(source: BatchSource, changes: Partial<BatchSource>): BatchSource {
  return Object.assign(Object.create(source) as BatchSource, changes);
}
