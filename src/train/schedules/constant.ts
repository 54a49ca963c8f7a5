import type { Schedule } from './schedule.js';

/** The optimizer's learning rate, from the first step to the last. */
export function constant(): Schedule {
  return { learningRate: (base) => base };
}
