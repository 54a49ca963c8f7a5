/** What schedules count: steps, or epochs. */
import { oneOf, positiveNumber, refuse } from '../../checks.js';
import type { Moment } from './schedule.js';

/** 'step': the rate moves at every step. 'epoch': it moves when an epoch begins, and stays until its end. */
export type ScheduleUnit = 'step' | 'epoch';

/** What a schedule counts. */
export interface ScheduleClock {
  /** 'step' moves the rate at every step, 'epoch' when an epoch begins. */
  by?: ScheduleUnit;
}

/** @throws ArgumentError for any other unit */
export function unitOf(where: string, by: ScheduleUnit): ScheduleUnit {
  return oneOf<ScheduleUnit>(where, 'by', by, ['step', 'epoch']);
}

/** Units done before the moment. */
export function elapsed(by: ScheduleUnit, moment: Moment): number {
  return by === 'step' ? moment.step : moment.epoch;
}

/** How far a moment is: units done, and the units of the whole. */
export type Progress = (moment: Moment) => { readonly done: number; readonly total: number };

/**
 * Of schedules that fill the whole training where nothing else is said. A length without its unit is refused: 30 may be steps or
 * epochs, and the wrong ones still train.
 */
export function progressOver(
  where: string,
  argument: string,
  length: number | undefined,
  by: ScheduleUnit | undefined,
): Progress {
  if (length !== undefined) positiveNumber(where, argument, length);
  if (length !== undefined && by === undefined) refuse(where, 'by', `'step' or 'epoch', what ${argument} counts`, by);
  const unit = unitOf(where, by ?? 'step');
  return (moment) => ({
    done: elapsed(unit, moment),
    total: length ?? (unit === 'step' ? moment.steps : moment.epochs),
  });
}
