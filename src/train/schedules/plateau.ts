import { nonNegativeNumber, oneOf, onlyKnown, refuse, share, shown } from '../../checks.js';
import { ArgumentError } from '../../geometry.js';
import type { Schedule } from './schedule.js';

/** Options of the schedule plateau. */
export interface PlateauOptions {
  /** What the rate is multiplied by, in (0, 1); default 0.1. */
  factor?: number;
  /** Epochs without progress that are borne; at the next one the rate falls. Default 10. */
  patience?: number;
  /** How much better counts as progress (see `thresholdMode`); default 1e-4. */
  threshold?: number;
  /** 'rel': better by that share of the best result so far; 'abs': by that much. Default 'rel'. */
  thresholdMode?: 'rel' | 'abs';
  /** Epochs after a fall that are not counted; default 0. */
  cooldown?: number;
  /** The rate never falls below; default 0. */
  minLr?: number;
  /** Whether smaller or larger results are better: 'min' of a loss, as a Trainer shows it, 'max' of an accuracy. Default 'min'. */
  mode?: 'min' | 'max';
}

/** What a plateau has seen so far. */
interface Seen {
  /** Null before the first finite result. */
  best: number | null;
  /** Epochs without progress. */
  bad: number;
  /** Epochs still not counted. */
  cooling: number;
  /** How often the rate fell. */
  falls: number;
}

const BEGINNING: Seen = { best: null, bad: 0, cooling: 0, falls: 0 };

/**
 * Falls by a factor when results stop getting better:
 *
 *     rate = max(base factor^falls, minLr)
 *
 * `observe` takes one result an epoch: a Trainer shows it the loss, of the test data where there are any. One that is no finite number
 * counts as no progress.
 * Source: PyTorch's ReduceLROnPlateau.
 *
 * @throws ArgumentError for numbers out of their range
 */
export function plateau(options: PlateauOptions = {}): Schedule {
  const { factor, patience, cooldown, minLr, better } = checked(options);
  let seen: Seen = { ...BEGINNING };
  return {
    learningRate(base) {
      let rate = base;
      // As PyTorch does it, fall by fall: a power has other last digits. A base below minLr stays.
      for (let fall = 0; fall < seen.falls && rate > minLr; fall++) rate = Math.max(rate * factor, minLr);
      return rate;
    },
    observe(metric) {
      const progress = Number.isFinite(metric) && (seen.best === null || better(metric, seen.best));
      let { best, bad, cooling, falls } = seen;
      if (progress) best = metric;
      bad = progress ? 0 : bad + 1;
      if (cooling > 0) {
        cooling--;
        bad = 0;
      }
      if (bad > patience) {
        falls++;
        cooling = cooldown;
        bad = 0;
      }
      seen = { best, bad, cooling, falls };
    },
    state: () => ({ ...seen }),
    restore(state) {
      seen = seenIn(state);
    },
  };
}

function checked(options: PlateauOptions) {
  const where = 'plateau';
  onlyKnown(where, options, ['factor', 'patience', 'threshold', 'thresholdMode', 'cooldown', 'minLr', 'mode']);
  const { factor = 0.1, patience = 10, threshold = 1e-4, cooldown = 0, minLr = 0 } = options;
  const { thresholdMode = 'rel', mode = 'min' } = options;
  if (!(share(where, 'factor', factor) > 0)) refuse(where, 'factor', 'a number in (0, 1)', factor);
  for (const [argument, value] of Object.entries({ patience, cooldown })) {
    if (!isCount(value)) refuse(where, argument, 'an integer of 0 or more', value);
  }
  nonNegativeNumber(where, 'threshold', threshold);
  nonNegativeNumber(where, 'minLr', minLr);
  oneOf(where, 'thresholdMode', thresholdMode, ['rel', 'abs']);
  oneOf(where, 'mode', mode, ['min', 'max']);
  const sign = mode === 'min' ? -1 : 1;
  const bar = (best: number) => (thresholdMode === 'rel' ? best * (1 + sign * threshold) : best + sign * threshold);
  const better = (metric: number, best: number) => sign * metric > sign * bar(best);
  return { factor, patience, cooldown, minLr, better };
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
}

function seenIn({ best, bad, cooling, falls }: Record<string, unknown>): Seen {
  const known = best === null || Number.isFinite(best);
  if (known && isCount(bad) && isCount(cooling) && isCount(falls)) return { best: best as number | null, bad, cooling, falls };
  throw new ArgumentError(
    'plateau: state must be {best: a number or null, bad, cooling, falls: integers of 0 or more}, ' +
      `got ${shown({ best, bad, cooling, falls })}`,
  );
}
