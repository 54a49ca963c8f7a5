import { nonNegativeNumber, onlyKnown } from '../../checks.js';
import { elapsed, type ScheduleClock, unitOf } from './clock.js';
import type { Schedule } from './schedule.js';

/** Options of the schedule inverseTime. */
export interface InverseTimeOptions extends ScheduleClock {
  /** k: after 1 / k epochs (or, by 'step', steps) the rate is half. */
  decayRate: number;
}

/**
 * Falls as 1 / t:
 *
 *     rate(t) = base / (1 + decayRate t)
 *
 * Source: CS231n notes, neural-networks-3, "1/t decay"; Keras's InverseTimeDecay with decay_steps 1.
 *
 * @param options by: default 'epoch'
 * @throws ArgumentError for a decayRate below 0
 */
export function inverseTime(options: InverseTimeOptions): Schedule {
  const { decayRate, by = 'epoch' } = onlyKnown('inverseTime', options, ['decayRate', 'by']);
  nonNegativeNumber('inverseTime', 'decayRate', decayRate);
  unitOf('inverseTime', by);
  return { learningRate: (base, moment) => base / (1 + decayRate * elapsed(by, moment)) };
}
