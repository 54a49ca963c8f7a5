import { flag, onlyKnown, positiveInteger, refuse } from '../../checks.js';
import { ArgumentError } from '../../geometry.js';
import { mixSeeds, seededRandom } from '../../random.js';
import { classWeights } from '../class-weights.js';
import type { Sampler } from './sampler.js';

/** Options of weightedSampler. */
export interface WeightedSamplerOptions {
  /** Pictures may come several times an epoch; default true. */
  readonly replacement?: boolean;
  /** Pictures an epoch; default: as many as there are weights. */
  readonly count?: number;
  /** Default 1. */
  readonly seed?: number;
}

/** Options of balancedSampler. */
export interface BalancedSamplerOptions extends Pick<WeightedSamplerOptions, 'count' | 'seed'> {}

/**
 * Shows pictures as often as their weights say: with replacement each draw falls on a picture with a chance of weight / sum; without,
 * each draw does so among those that are left. Source: PyTorch's WeightedRandomSampler, torch.multinomial.
 *
 * @param weights of every picture, 0 or more
 * @throws ArgumentError where a weight is no number from 0 on, or there are too few above 0
 */
export function weightedSampler(weights: ArrayLike<number>, options: WeightedSamplerOptions = {}): Sampler {
  const {
    replacement = true,
    count = weights.length,
    seed = 1,
  } = onlyKnown('weightedSampler', options, ['replacement', 'count', 'seed']);
  positiveInteger('weightedSampler', 'count', count);
  const strange = Array.from(weights).find((weight) => !(weight >= 0 && weight < Infinity));
  if (strange !== undefined) refuse('weightedSampler', 'weights', 'finite numbers, 0 or more', strange);
  const positive = Array.from(weights).filter((weight) => weight > 0).length;
  const needed = flag('weightedSampler', 'replacement', replacement) ? 1 : count;
  if (positive < needed) {
    throw new ArgumentError(
      `weightedSampler: weights must have ${needed} numbers above 0 to draw ${count} pictures ` +
        `${replacement ? 'with' : 'without'} replacement, got ${positive}`,
    );
  }
  const draw = replacement ? withReplacement(weights) : withoutReplacement(weights);
  return { count, places: (epoch) => draw(count, seededRandom(mixSeeds(seed, epoch))) };
}

/**
 * Shows pictures of all classes equally often, on the whole, by drawing them with replacement.
 *
 * @param labels class of every picture
 */
export function balancedSampler(labels: ArrayLike<number>, options: BalancedSamplerOptions = {}): Sampler {
  onlyKnown('balancedSampler', options, ['count', 'seed']);
  const weights = classWeights(labels);
  return weightedSampler(
    Float64Array.from(labels, (label) => weights[label]!),
    options,
  );
}

type Draw = (count: number, random: () => number) => Int32Array;

/** Cumulative sums, searched by halves. */
function withReplacement(weights: ArrayLike<number>): Draw {
  const ends = new Float64Array(weights.length);
  let sum = 0;
  for (let i = 0; i < weights.length; i++) ends[i] = sum += weights[i]!;
  return (count, random) => Int32Array.from({ length: count }, () => firstAbove(ends, random() * sum));
}

/** The first place whose cumulative sum is above a value; a weight of 0 adds nothing, so its place is never the first. */
function firstAbove(ends: Float64Array, value: number): number {
  let low = 0;
  let high = ends.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ends[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * The largest of log(u) / weight are what drawing one by one gives.
 * Source: P. Efraimidis, P. Spirakis: Weighted random sampling with a reservoir, 2006.
 */
function withoutReplacement(weights: ArrayLike<number>): Draw {
  return (count, random) => {
    const keys = Float64Array.from(weights, (weight) => Math.log(1 - random()) / weight);
    const places = Int32Array.from(keys.keys()).filter((place) => weights[place]! > 0);
    return places.sort((a, b) => keys[b]! - keys[a]! || a - b).slice(0, count);
  };
}
