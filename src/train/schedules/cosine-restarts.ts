import { nonNegativeNumber, onlyKnown, positiveInteger } from '../../checks.js';
import { elapsed, type ScheduleClock, unitOf } from './clock.js';
import { halfCosine } from './cosine.js';
import type { Schedule } from './schedule.js';

/** Options of the schedule cosineRestarts. */
export interface CosineRestartsOptions extends ScheduleClock {
  /** Epochs (or, by 'step', steps) of the first way down. */
  t0: number;
  /** Each way down is so many times as long as the one before; default 1. */
  tMult?: number;
  /** The rate at the bottom; default 0. */
  etaMin?: number;
}

/**
 * Down along half a cosine, and up again at once, with ways of t0, t0 tMult, t0 tMult^2, ...:
 *
 *     rate(t) = etaMin + (base - etaMin) (1 + cos(pi tCur / tI)) / 2
 *
 * tCur: steps or epochs since the last restart, tI: until the next. The paper restarts after whole epochs and moves at every step:
 * that is by 'step' with t0 a multiple of an epoch's steps.
 * Source: Loshchilov, Hutter: SGDR (2017), eq. 5; PyTorch's CosineAnnealingWarmRestarts.
 *
 * @param options by: default 'epoch'
 * @throws ArgumentError for a t0 or tMult that is no positive integer, or an etaMin below 0
 */
export function cosineRestarts(options: CosineRestartsOptions): Schedule {
  const { t0, tMult = 1, etaMin = 0, by = 'epoch' } = onlyKnown('cosineRestarts', options, ['t0', 'tMult', 'etaMin', 'by']);
  positiveInteger('cosineRestarts', 't0', t0);
  positiveInteger('cosineRestarts', 'tMult', tMult);
  nonNegativeNumber('cosineRestarts', 'etaMin', etaMin);
  unitOf('cosineRestarts', by);
  return {
    learningRate(base, moment) {
      let since = elapsed(by, moment);
      let length = t0;
      if (tMult === 1) since %= t0;
      for (; since >= length; length *= tMult) since -= length;
      return halfCosine(base, etaMin, since / length);
    },
  };
}
