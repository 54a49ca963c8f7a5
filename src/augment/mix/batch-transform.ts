import type { TrainingBatch } from '../../data/batch-source.js';
import type { Random } from '../transform.js';

/** A random change of whole batches: of pictures that are mixed, labels become shares of classes. */
export interface BatchTransform {
  /** What it is, for logs. */
  readonly name: string;
  /**
   * The changed batch; arrays that change are new ones. Labels stay those of the pictures that were there before.
   *
   * @param classes number of classes
   * @param random  what is drawn follows from it alone
   * @throws ArgumentError where a label is no class
   */
  apply(batch: TrainingBatch, classes: number, random: Random): TrainingBatch;
  /** Its options, plain JSON. */
  getConfig(): Record<string, unknown>;
}
