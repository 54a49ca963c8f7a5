import { membersOf } from './members.js';
import type { Schedule } from './schedule.js';

/**
 * One schedule on top of the other, all at the same time: each takes the rate of the one before it for the optimizer's.
 * Of schedules that multiply it is the product:
 *
 *     chain(linearWarmup({totalIters: 500, by: 'step'}), stepDecay({stepSize: 30}))
 *
 * The last one that moves the momentum moves it. Source: PyTorch's ChainedScheduler.
 *
 * @throws ArgumentError without schedules
 */
export function chain(...schedules: Schedule[]): Schedule {
  const members = membersOf('chain', schedules, 1);
  const mover = schedules.findLast(({ momentum }) => momentum);
  return {
    learningRate: (base, moment) => schedules.reduce((rate, each) => each.learningRate(rate, moment), base),
    ...(mover && { momentum: mover.momentum!.bind(mover) }),
    ...(members.observe && {
      observe: (metric: number) => schedules.forEach((each) => each.observe?.(metric)),
      state: () => ({ members: members.state() }),
      restore: (state: Record<string, unknown>) => members.restore(state['members']),
    }),
  };
}
