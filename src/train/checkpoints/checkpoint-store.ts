/** Where checkpoints lie, and what is in one. */

/** Numbers with a shape. */
export interface StoredTensor {
  /** As they lie in the tensor, row by row. */
  readonly values: Float32Array | Int32Array | Uint8Array;
  /** Its product is their number. */
  readonly shape: readonly number[];
}

/** All that a training needs to go on. */
export interface Snapshot {
  /** Plain JSON: position, schedule, random states, the model's topology, what else is no tensor. */
  readonly state: Record<string, unknown>;
  /** Weights and the optimizer's slots, by names that the writer chose. */
  readonly tensors: Readonly<Record<string, StoredTensor>>;
}

/** A checkpoint that was read. */
export interface StoredCheckpoint {
  /** Its name in the store. */
  readonly name: string;
  /** Steps of training that it holds. */
  readonly step: number;
  /** What was saved. */
  readonly snapshot: Snapshot;
  /** Newer ones that were damaged: their names, and what is wrong with each. */
  readonly damaged: readonly {
    readonly name: string;
    /** What is wrong with it. */
    readonly reason: string;
  }[];
}

/** A place for checkpoints: a folder, a browser's database. */
export interface CheckpointStore {
  /**
   * Of stores that can tell one training from another: takes the place for one, which others are refused until it is given back or its
   * process is gone. A Trainer does so as long as it trains.
   *
   * @returns what gives it back
   * @throws CheckpointError where another training has it
   */
  claim?(): Promise<() => Promise<void>>;
  /**
   * Writes one, whole or not at all, and then lets old ones go: the last few and the best stay.
   *
   * @param score of the model; the higher, the better. Without one it can not become the best
   * @returns     its name
   * @throws CheckpointError where it cannot be written; those that are there stay as they are
   */
  save(snapshot: Snapshot, step: number, score?: number): Promise<string>;
  /** The newest whole one; undefined where there is none. @throws CheckpointError where all are damaged */
  latest(): Promise<StoredCheckpoint | undefined>;
  /**
   * The newest whole ones, the newest first: `averageCheckpoints` makes one net of them.
   * @param count how many; fewer where there are not as many
   */
  newest(count: number): Promise<StoredCheckpoint[]>;
  /** The one with the highest score; undefined where none has one. */
  best(): Promise<StoredCheckpoint | undefined>;
}

/** A checkpoint cannot be written or read; the message says which and why. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';
}
