import { onlyKnown, positiveIntegers, positiveNumber } from '../../checks.js';
import { elapsed, type ScheduleClock, unitOf } from './clock.js';
import type { Schedule } from './schedule.js';

/** Options of the schedule multiStep. */
export interface MultiStepOptions extends ScheduleClock {
  /** Epochs (or, by 'step', steps) at whose beginning the rate falls; one that stands there twice counts twice. */
  milestones: readonly number[];
  /** What the rate is multiplied by; default 0.1. */
  gamma?: number;
}

/**
 * Falls by a factor at given places:
 *
 *     rate(t) = base gamma^(number of milestones <= t)
 *
 * Source: He et al.: Deep residual learning (2015), section 4.2; PyTorch's MultiStepLR.
 *
 * @param options by: default 'epoch'
 * @throws ArgumentError for milestones that are no positive integers, or a gamma not above 0
 */
export function multiStep(options: MultiStepOptions): Schedule {
  const { milestones, gamma = 0.1, by = 'epoch' } = onlyKnown('multiStep', options, ['milestones', 'gamma', 'by']);
  positiveIntegers('multiStep', 'milestones', 'where the rate falls', milestones);
  positiveNumber('multiStep', 'gamma', gamma);
  unitOf('multiStep', by);
  return {
    learningRate(base, moment) {
      const done = elapsed(by, moment);
      return base * gamma ** milestones.filter((each) => each <= done).length;
    },
  };
}
