import { onlyKnown, positiveIntegers, refuse } from '../../checks.js';
import { elapsed, type ScheduleClock, unitOf } from './clock.js';
import { membersOf } from './members.js';
import type { Moment, Schedule } from './schedule.js';

/** Options of the schedule sequence. */
export interface SequenceOptions extends ScheduleClock {
  /** Where each schedule but the first begins, in steps or epochs (see `by`): ascending positive integers. */
  milestones: readonly number[];
}

/** The steps [begin, end) of a training. */
interface Part {
  readonly begin: number;
  readonly end: number;
}

/**
 * One schedule after the other. Each counts from 0 where it begins, and takes its part for the whole training:
 *
 *     sequence([linearWarmup(), cosine()], {milestones: [5]})   // 5 epochs up, down for the rest
 *
 * Where only some move the momentum, it stays in the others' parts at what it was, or will be first.
 * Source: PyTorch's SequentialLR.
 *
 * @param options milestones, one fewer than schedules; by: default 'epoch'
 * @throws ArgumentError for fewer than 2 schedules, or milestones of another number or order
 */
export function sequence(schedules: readonly Schedule[], options: SequenceOptions): Schedule {
  const { milestones, by = 'epoch' } = onlyKnown('sequence', options, ['milestones', 'by']);
  unitOf('sequence', by);
  const members = membersOf('sequence', schedules, 2);
  positiveIntegers('sequence', 'milestones', 'where each schedule but the first begins', milestones);
  if (milestones.length !== schedules.length - 1 || milestones.some((each, i) => i > 0 && each <= milestones[i - 1]!)) {
    refuse('sequence', 'milestones', `ascending, one fewer than the ${schedules.length} schedules`, milestones);
  }

  const placeAt = (moment: Moment) => milestones.filter((each) => each <= elapsed(by, moment)).length;
  const partOf = (place: number, moment: Moment): Part => {
    const unit = by === 'step' ? 1 : moment.steps / moment.epochs;
    const step = (milestone: number | undefined, otherwise: number) => (milestone === undefined ? otherwise : milestone * unit);
    const begin = step(milestones[place - 1], 0);
    // Of a part behind the training's end only the first momentum is asked for.
    return { begin, end: Math.max(begin + 1, step(milestones[place], moment.steps)) };
  };
  // A plateau counts the epochs of its own part; an epoch's result comes after its last step.
  let current = 0;

  const schedule: Schedule = {
    learningRate(base, moment) {
      current = placeAt(moment);
      return members.schedules[current]!.learningRate(base, within(moment, partOf(current, moment)));
    },
    ...(members.observe && {
      observe: (metric: number) => members.schedules[current]!.observe?.(metric),
      state: () => ({ current, members: members.state() }),
      restore(state: Record<string, unknown>) {
        const place = state['current'];
        if (!Number.isInteger(place) || !members.schedules[place as number]) {
          refuse('sequence', 'state.current', `an integer in [0, ${schedules.length})`, place);
        }
        members.restore(state['members']);
        current = place as number;
      },
    }),
  };
  if (!schedules.some(({ momentum }) => momentum)) return schedule;
  const moving = schedules.map(({ momentum }, place) => (momentum ? place : -1)).filter((place) => place >= 0);
  return {
    ...schedule,
    momentum(moment) {
      const place = placeAt(moment);
      const mover = moving.findLast((each) => each <= place) ?? moving[0]!;
      const part = partOf(mover, moment);
      // Before its part a schedule is asked for its first momentum, behind it for its last.
      const step = Math.min(Math.max(moment.step, part.begin), part.end - 1);
      const epoch = mover === place ? moment.epoch : Math.floor((step * moment.epochs) / moment.steps);
      return members.schedules[mover]!.momentum!(within({ ...moment, step, epoch }, part));
    },
  };
}

/** The moment as a schedule sees it whose training is the part. */
function within({ step, steps, epoch, epochs }: Moment, { begin, end }: Part): Moment {
  const stepsPerEpoch = steps / epochs;
  const firstEpoch = Math.floor(begin / stepsPerEpoch);
  return {
    step: step - begin,
    steps: end - begin,
    epoch: epoch - firstEpoch,
    epochs: Math.ceil(end / stepsPerEpoch) - firstEpoch,
  };
}
