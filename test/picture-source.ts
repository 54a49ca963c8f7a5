/** Pictures in memory as batches, in another order every epoch. */
import type { BatchSource, TrainingBatch } from '../src/data/batch-source.js';
import { batchCount, batches, type ImageDataset, normalizationOf } from '../src/data/index.js';
import { mixSeeds } from '../src/random.js';

/** @param batchSize default: all at once */
export function pictureSource(dataset: ImageDataset, batchSize = dataset.count): BatchSource {
  const { count, height, width, channels, classNames } = dataset;
  const shape = [height, width, channels] as const;
  const normalization = normalizationOf(dataset);
  async function* epoch(number: number, first = 0): AsyncIterable<TrainingBatch> {
    let place = 0;
    for (const batch of batches(dataset, { batchSize, normalization, seed: mixSeeds(1, number) })) {
      if (place++ >= first) yield { ...batch, shape, places: new Int32Array(batch.size) };
    }
  }
  return {
    count,
    batchSize,
    batchesPerEpoch: batchCount(count, { batchSize }),
    shape,
    classNames,
    epoch,
    waitedMs: 0,
    close: async () => undefined,
  };
}
