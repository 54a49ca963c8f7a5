import type { SerializedTransform } from '../../../augment/transform-registry.js';
import type { Normalization } from '../../normalization.js';
import type { BatchPlan } from '../epoch-plan.js';
import type { BrokenPicture } from '../picture-source.js';
import type { BatchMemory } from './batch-memory.js';

/** What a worker is told once, before all batches. */
export interface Opening {
  readonly origin: unknown;
  readonly transforms: readonly SerializedTransform[];
  readonly normalization: Normalization;
  /** Of every picture in the end. */
  readonly size: { readonly height: number; readonly width: number; readonly channels: number };
  /** Where the worker writes the place of the picture it is at; undefined where memory cannot be shared. */
  readonly progress?: Int32Array;
}

/** A batch to make. */
export interface Job extends BatchMemory {
  readonly job: number;
  readonly plan: BatchPlan;
}

/** A batch that is made, or why not. */
export interface Answer extends BatchMemory {
  readonly job: number;
  /** That the pictures are from. */
  readonly places: Int32Array;
  readonly broken: readonly BrokenPicture[];
  /** The message of what was thrown. */
  readonly error?: string;
}
