import { chain } from '../train/schedules/chain.js';
import { constant } from '../train/schedules/constant.js';
import { cosine } from '../train/schedules/cosine.js';
import { linearWarmup } from '../train/schedules/linear-warmup.js';
import { multiStep } from '../train/schedules/multi-step.js';
import { oneCycle } from '../train/schedules/one-cycle.js';
import type { Schedule } from '../train/schedules/schedule.js';

/** Momentum and a high rate can throw a fresh net off: the first twentieth of the steps, at most five hundred, is a warm-up. */
const warm = (steps: number): Schedule =>
  linearWarmup({ startFactor: 0.02, totalIters: Math.max(1, Math.min(500, Math.round(steps / 20))), by: 'step' });

/** Schedules that --schedule names, for a training of so many steps. */
export const SCHEDULES = {
  cosine: (steps: number) => chain(warm(steps), cosine()),
  oneCycle: () => oneCycle(),
  // The original papers' of ResNets: a tenth after half of the steps, a hundredth after three quarters.
  step: (steps: number) =>
    chain(warm(steps), multiStep({ milestones: [Math.round(steps / 2), Math.round((steps * 3) / 4)], by: 'step' })),
  constant: () => constant(),
} as const satisfies Record<string, (steps: number) => Schedule>;

/** One of SCHEDULES. */
export type ScheduleName = keyof typeof SCHEDULES;
