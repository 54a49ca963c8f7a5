import { onlyKnown, positiveNumber } from '../../checks.js';
import { elapsed, type ScheduleClock, unitOf } from './clock.js';
import type { Schedule } from './schedule.js';

/** Options of the schedule exponential. */
export interface ExponentialOptions extends ScheduleClock {
  /** What the rate is multiplied by every epoch (or, by 'step', every step). */
  gamma: number;
}

/**
 * Falls by the same factor every time:
 *
 *     rate(t) = base gamma^t
 *
 * Source: CS231n notes, neural-networks-3, "Exponential decay" with gamma = e^-k; PyTorch's ExponentialLR.
 *
 * @param options by: default 'epoch'
 * @throws ArgumentError for a gamma not above 0
 */
export function exponential(options: ExponentialOptions): Schedule {
  const { gamma, by = 'epoch' } = onlyKnown('exponential', options, ['gamma', 'by']);
  positiveNumber('exponential', 'gamma', gamma);
  unitOf('exponential', by);
  return { learningRate: (base, moment) => base * gamma ** elapsed(by, moment) };
}
