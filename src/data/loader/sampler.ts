import { mixSeeds, randomPermutation } from '../../random.js';

/** Which pictures an epoch shows, in which order. */
export interface Sampler {
  /** Pictures an epoch. */
  readonly count: number;
  /** Their places in the dataset; the same for the same epoch, whenever it is asked for. */
  places(epoch: number): Int32Array;
}

/** As they lie. */
export function sequentialSampler(count: number): Sampler {
  const places = Int32Array.from({ length: count }, (_, i) => i);
  return { count, places: () => places };
}

/** All of them, in an order that the seed and the epoch give. */
export function shuffledSampler(count: number, seed: number): Sampler {
  return { count, places: (epoch) => randomPermutation(count, mixSeeds(seed, epoch)) };
}
