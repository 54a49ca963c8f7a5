/** What a trainer is fed with. */

/** Pictures of one step. Arrays may be overwritten by the next batch: use or copy them before asking for it. */
export interface TrainingBatch {
  /** As the net sees them, [size, height, width, channels]. */
  readonly images: Float32Array;
  /** [height, width, channels] */
  readonly shape: readonly [number, number, number];
  /** Class of every picture. */
  readonly labels: Int32Array;
  /** Share of every class in every picture, [size, classes], rows add up to 1: of mixed pictures and smoothed labels. */
  readonly targets?: Float32Array;
  /** What every picture's loss is multiplied by [size]: of class weights. */
  readonly weights?: Float32Array;
  /** Places of the pictures in their dataset. */
  readonly places: Int32Array;
  /** Number of pictures. */
  readonly size: number;
}

/**
 * Batches of pictures, epoch by epoch. What comes in an epoch follows from its number and a seed alone: not from what was asked
 * for before, the number of workers or the backend. So training can go on anywhere.
 */
export interface BatchSource {
  /** Pictures an epoch. */
  readonly count: number;
  /** Pictures a batch; the last of an epoch may have fewer. */
  readonly batchSize: number;
  /** Batches an epoch. */
  readonly batchesPerEpoch: number;
  /** [height, width, channels] of the pictures. */
  readonly shape: readonly [number, number, number];
  /** Names of the classes, in the order of their labels. */
  readonly classNames: readonly string[];
  /**
   * The batches of an epoch.
   *
   * @param epoch from 0
   * @param first the batch to begin with, from 0; default 0
   */
  epoch(epoch: number, first?: number): AsyncIterable<TrainingBatch>;
  /** Whether a picture is another one in each epoch: cut or coloured at random, or mixed with others. Default: nobody knows, it may be. */
  readonly varies?: boolean;
  /** Whether whole batches are changed, so that what is shown belongs to no single picture. Default false. */
  readonly mixes?: boolean;
  /** Places of an epoch's pictures in their dataset, batch after batch, without preparing them. Default: nobody knows before they come. */
  placesOf?(epoch: number): Int32Array;
  /**
   * What an epoch's content follows from besides the pictures, seed and random changes say, as text: a training does not go on from a
   * checkpoint that was made with another.
   */
  readonly recipe?: string;
  /** Milliseconds that readers have waited for batches so far. */
  readonly waitedMs: number;
  /** Ends workers. */
  close(): Promise<void>;
}
