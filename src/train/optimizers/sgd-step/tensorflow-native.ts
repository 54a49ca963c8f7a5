import { joinedUpdate } from '../tensorflow-joined.js';
import type { SgdGeometry } from './sgd-step.js';

/** Stochastic gradient descent of all weights by one native op; `slots` are none or the velocity. */
export const joinedSgd = (slots: readonly string[]) =>
  joinedUpdate<SgdGeometry>('TfjsCnnSgdStep', slots, ({ momentum, share, nesterov }) => [momentum, share, Number(nesterov)]);
