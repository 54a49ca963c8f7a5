import { mixSeeds } from '../../random.js';
import type { Sampler } from './sampler.js';

/** What a batch holds: which pictures, and the seed of all that is random about each. */
export interface BatchPlan {
  /** Of the epoch, from 0. */
  readonly number: number;
  readonly places: Int32Array;
  readonly seeds: Uint32Array;
}

/** An epoch, cut into batches. */
export class EpochPlan {
  private readonly places: Int32Array;
  /** How often a picture has come before, in epochs that show some more than once. */
  private readonly repetitions: Int32Array | undefined;

  constructor(
    sampler: Sampler,
    private readonly seed: number,
    private readonly epoch: number,
    private readonly batchSize: number,
  ) {
    this.places = sampler.places(epoch);
    this.repetitions = repetitionsIn(this.places);
  }

  batch(number: number): BatchPlan {
    const begin = number * this.batchSize;
    const places = this.places.slice(begin, begin + this.batchSize);
    const seeds = new Uint32Array(places.length);
    for (let i = 0; i < places.length; i++) {
      const repetition = this.repetitions?.[begin + i];
      const { seed, epoch } = this;
      seeds[i] = repetition ? mixSeeds(seed, epoch, places[i]!, repetition) : mixSeeds(seed, epoch, places[i]!);
    }
    return { number, places, seeds };
  }
}

/** Undefined where no place comes twice. */
function repetitionsIn(places: Int32Array): Int32Array | undefined {
  const largest = places.reduce((a, b) => Math.max(a, b), 0);
  const seen = new Uint32Array(largest + 1);
  const repetitions = places.map((place) => seen[place]!++);
  return repetitions.some((before) => before > 0) ? repetitions : undefined;
}
