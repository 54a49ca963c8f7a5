import { nonNegativeNumber, onlyKnown } from '../../checks.js';
import { progressOver, type ScheduleClock } from './clock.js';
import type { Schedule } from './schedule.js';

/** Options of the schedule cosine. */
export interface CosineOptions extends ScheduleClock {
  /** Steps or epochs (see `by`, which goes with it) of the way down; default: the whole training. */
  tMax?: number;
  /** The rate at the bottom; default 0. */
  etaMin?: number;
}

/**
 * Down along half a cosine, and after tMax up again:
 *
 *     rate(t) = etaMin + (base - etaMin) (1 + cos(pi t / tMax)) / 2
 *
 * Source: Loshchilov, Hutter: SGDR (2017), eq. 5, without restarts; PyTorch's CosineAnnealingLR.
 *
 * @param options by: default 'step'
 * @throws ArgumentError for a tMax without `by` or not above 0, or an etaMin below 0
 */
export function cosine(options: CosineOptions = {}): Schedule {
  const { tMax, etaMin = 0, by } = onlyKnown('cosine', options, ['tMax', 'etaMin', 'by']);
  const progress = progressOver('cosine', 'tMax', tMax, by);
  nonNegativeNumber('cosine', 'etaMin', etaMin);
  return {
    learningRate(base, moment) {
      const { done, total } = progress(moment);
      return halfCosine(base, etaMin, done / total);
    },
  };
}

/** From one value at share 0 to another at share 1, level at both ends. */
export function halfCosine(from: number, to: number, share: number): number {
  return to + ((from - to) * (1 + Math.cos(Math.PI * share))) / 2;
}
