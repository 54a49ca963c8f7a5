import { onlyKnown, upToOne } from '../../checks.js';
import { progressOver, type ScheduleClock } from './clock.js';
import type { Schedule } from './schedule.js';

/** Options of the schedule linearWarmup. */
export interface LinearWarmupOptions extends ScheduleClock {
  /** Steps or epochs (see `by`, which goes with it) of the way up; default: the whole training, or its part in a sequence. */
  totalIters?: number;
  /** Share of the rate to begin with, in [0, 1]; default 0.01. */
  startFactor?: number;
}

/**
 * Up in a straight line, then level. Momentum and a high rate can throw a fresh net off before its weights have settled.
 *
 *     rate(t) = base (startFactor + (1 - startFactor) min(t / totalIters, 1))
 *
 * Goes before another schedule in `sequence`, or on top of one in `chain`.
 * Source: Goyal et al.: Accurate, large minibatch SGD (2017), section 2.2; PyTorch's LinearLR.
 *
 * @param options by: default 'step'
 * @throws ArgumentError for a totalIters without `by` or not above 0, or a startFactor outside of [0, 1]
 */
export function linearWarmup(options: LinearWarmupOptions = {}): Schedule {
  const { totalIters, startFactor = 0.01, by } = onlyKnown('linearWarmup', options, ['totalIters', 'startFactor', 'by']);
  const progress = progressOver('linearWarmup', 'totalIters', totalIters, by);
  upToOne('linearWarmup', 'startFactor', startFactor);
  return {
    learningRate(base, moment) {
      const { done, total } = progress(moment);
      return base * (startFactor + (1 - startFactor) * Math.min(1, done / total));
    },
  };
}
