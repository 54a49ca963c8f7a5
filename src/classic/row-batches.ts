import type { BatchSource, TrainingBatch } from '../data/batch-source.js';
import { mixSeeds, randomPermutation } from '../random.js';
import { type Rows, sliceRows } from './examples.js';

/** Rows of features as a trainer takes them: pictures of one pixel, in another order every epoch. */
export class RowBatches implements BatchSource {
  readonly count: number;
  readonly shape: readonly [number, number, number];
  readonly classNames: readonly string[] = [];
  readonly waitedMs = 0;

  /** @param seed of the order */
  constructor(
    private readonly rows: Rows,
    private readonly labels: Int32Array,
    readonly batchSize: number,
    private readonly seed: number,
  ) {
    this.count = rows.count;
    this.shape = [1, 1, rows.features];
  }

  get batchesPerEpoch(): number {
    return Math.ceil(this.count / this.batchSize);
  }

  async *epoch(epoch: number, first = 0): AsyncGenerator<TrainingBatch, void> {
    const { rows, labels, batchSize, shape, count } = this;
    const order = randomPermutation(count, mixSeeds(this.seed, epoch));
    for (let begin = first * batchSize; begin < count; begin += batchSize) {
      const places = order.subarray(begin, begin + batchSize);
      const images = new Float32Array(places.length * rows.features);
      places.forEach((place, i) => void images.set(sliceRows(rows, place, place + 1), i * rows.features));
      yield { images, shape, labels: Int32Array.from(places, (place) => labels[place]!), places, size: places.length };
    }
  }

  async close(): Promise<void> {}
}
