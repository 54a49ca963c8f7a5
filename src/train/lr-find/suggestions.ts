/** Learning rates read off a sweep. Source: fastai, callback/schedule.py (`steep`, `minimum`, `valley`). */

/** Losses of a sweep. */
export interface Sweep {
  /** Ascending. */
  readonly learningRates: readonly number[];
  /** Smoothed. */
  readonly losses: readonly number[];
}

/** What a sweep suggests. */
export interface SuggestedRates {
  /** Half of the way down the longest valley: fastai's default. */
  readonly valley: number;
  /** Where the loss falls fastest by the logarithm of the rate. */
  readonly steepest: number;
  /** A tenth of the rate with the smallest loss. */
  readonly minimum: number;
}

/** fastai's margins: the first tenth of the sweep, where little happens, and the last 5 steps, where the loss runs off. */
const END = 5;

/**
 * @param steps of a whole sweep: this one may have ended before
 */
export function suggestedRates(sweep: Sweep, steps: number): SuggestedRates {
  const inside = (values: readonly number[]) => values.slice(Math.floor(steps / 10), -END);
  // A sweep that ends soon has nothing inside its margins.
  const { learningRates, losses } =
    inside(sweep.losses).length < 2 ? sweep : { learningRates: inside(sweep.learningRates), losses: inside(sweep.losses) };
  return {
    valley: learningRates[valley(losses)]!,
    steepest: learningRates[steepest(learningRates, losses)]!,
    minimum: learningRates[losses.indexOf(Math.min(...losses))]! / 10,
  };
}

/** Place of the least slope to the next loss. */
function steepest(learningRates: readonly number[], losses: readonly number[]): number {
  const slopes = losses
    .slice(1)
    .map((loss, i) => (loss - losses[i]!) / (Math.log(learningRates[i + 1]!) - Math.log(learningRates[i]!)));
  return slopes.indexOf(Math.min(...slopes));
}

/** The longest valley: as many places as the longest falling subsequence has, up to its end. */
function valley(losses: readonly number[]): number {
  // lengths[i]: of the longest falling subsequence that ends at i. Quadratic: sweeps are short.
  const lengths = losses.map(() => 1);
  let end = 0;
  for (let i = 1; i < losses.length; i++) {
    for (let j = 0; j < i; j++) {
      if (losses[i]! < losses[j]! && lengths[i]! < lengths[j]! + 1) lengths[i] = lengths[j]! + 1;
    }
    if (lengths[end]! < lengths[i]!) end = i;
  }
  const start = end - lengths[end]!;
  const third = (end - start) / 3;
  return Math.max(0, start + Math.floor(third) + Math.floor(third / 2));
}
