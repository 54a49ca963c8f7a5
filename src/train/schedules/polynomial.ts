import { onlyKnown, positiveNumber } from '../../checks.js';
import { progressOver, type ScheduleClock } from './clock.js';
import type { Schedule } from './schedule.js';

/** Options of the schedule polynomial. */
export interface PolynomialOptions extends ScheduleClock {
  /** Steps or epochs (see `by`, which goes with it) down to 0; default: the whole training. */
  totalIters?: number;
  /** 1: a straight line; 2: a parabola, level at its end. Default 1. */
  power?: number;
}

/**
 * Down to 0 along a power of what is left:
 *
 *     rate(t) = base (1 - min(t / totalIters, 1))^power
 *
 * Source: Chen et al.: DeepLab (2017), section 4.1 ("poly"); PyTorch's PolynomialLR.
 *
 * @param options by: default 'step'
 * @throws ArgumentError for a totalIters without `by` or not above 0, or a power not above 0
 */
export function polynomial(options: PolynomialOptions = {}): Schedule {
  const { totalIters, power = 1, by } = onlyKnown('polynomial', options, ['totalIters', 'power', 'by']);
  const progress = progressOver('polynomial', 'totalIters', totalIters, by);
  positiveNumber('polynomial', 'power', power);
  return {
    learningRate(base, moment) {
      const { done, total } = progress(moment);
      return base * (1 - Math.min(1, done / total)) ** power;
    },
  };
}
