import { isRecord, refuse } from '../../checks.js';
import type { Schedule } from './schedule.js';

/** Schedules that make up another one, and their states. */
export interface Members {
  readonly schedules: readonly Schedule[];
  /** Whether one of them looks at results: only those have a state. */
  readonly observe: boolean;
  /** One state a schedule. */
  state(): Record<string, unknown>[];
  /** @throws ArgumentError where there is not one state a schedule */
  restore(states: unknown): void;
}

/**
 * @param least how many there must be
 * @throws ArgumentError where what is given is no list of so many schedules
 */
export function membersOf(where: string, schedules: readonly Schedule[], least: number): Members {
  if (!Array.isArray(schedules) || schedules.length < least || !schedules.every(isSchedule)) {
    refuse(where, 'schedules', `a list of ${least} or more schedules, as cosine() gives them`, schedules);
  }
  return {
    schedules,
    observe: schedules.some(({ observe }) => observe),
    state: () => schedules.map((each) => each.state?.() ?? {}),
    restore(states) {
      if (!Array.isArray(states) || states.length !== schedules.length || !states.every(isRecord)) {
        refuse(where, 'state.members', `${schedules.length} states, one a schedule`, states);
      }
      schedules.forEach((each, place) => each.restore?.(states[place] as Record<string, unknown>));
    },
  };
}

function isSchedule(value: unknown): boolean {
  return isRecord(value) && typeof value['learningRate'] === 'function';
}
