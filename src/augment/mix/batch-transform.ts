import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { TrainingBatch } from '../../data/batch-source.js';
import type { Random } from '../transform.js';

/** A batch as tensors, on any backend. */
export interface TensorBatch {
  /** float32 [size, height, width, channels] */
  readonly x: Tensor4D;
  /** Share of every class in every picture, float32 [size, classes]: one-hot labels to begin with. */
  readonly targets: Tensor2D;
}

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
  /** The same of tensors, with the same numbers drawn: two new ones, which are the caller's. */
  onTensors(batch: TensorBatch, random: Random): TensorBatch;
  /** Its options, plain JSON. */
  getConfig(): Record<string, unknown>;
}
