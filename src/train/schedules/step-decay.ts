import { onlyKnown, positiveInteger, positiveNumber } from '../../checks.js';
import { elapsed, type ScheduleClock, unitOf } from './clock.js';
import type { Schedule } from './schedule.js';

/** Options of the schedule stepDecay. */
export interface StepDecayOptions extends ScheduleClock {
  /** Epochs (or, by 'step', steps) from one fall to the next. */
  stepSize: number;
  /** What the rate is multiplied by; default 0.1. */
  gamma?: number;
}

/**
 * Falls by a factor again and again:
 *
 *     rate(t) = base gamma^floor(t / stepSize)
 *
 * Source: CS231n notes, neural-networks-3, "Annealing the learning rate"; PyTorch's StepLR.
 *
 * @param options by: default 'epoch'
 * @throws ArgumentError for a stepSize that is no positive integer, or a gamma not above 0
 */
export function stepDecay(options: StepDecayOptions): Schedule {
  const { stepSize, gamma = 0.1, by = 'epoch' } = onlyKnown('stepDecay', options, ['stepSize', 'gamma', 'by']);
  positiveInteger('stepDecay', 'stepSize', stepSize);
  positiveNumber('stepDecay', 'gamma', gamma);
  unitOf('stepDecay', by);
  return { learningRate: (base, moment) => base * gamma ** Math.floor(elapsed(by, moment) / stepSize) };
}
