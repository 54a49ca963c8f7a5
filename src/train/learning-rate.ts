import { ArgumentError } from '../geometry.js';

/**
 * What the learning rate is multiplied by after a share of all steps.
 *
 * @param progress 0 at the first step, 1 after the last
 */
export type Schedule = (progress: number) => number;

/** Falls from 1 to 0 along half a cosine. Source: Loshchilov, Hutter: SGDR (2017), without restarts. */
export const cosineDecay: Schedule = (progress) => 0.5 * (1 + Math.cos(Math.PI * progress));

/** A tenth after half of the steps, a hundredth after three quarters. Source: He et al.: Deep residual learning (2015). */
export const stepDecay: Schedule = (progress) => (progress < 0.5 ? 1 : progress < 0.75 ? 0.1 : 0.01);

/**
 * Rises in a straight line during the first share of the steps, then follows the schedule. Momentum and a
 * high rate can throw a fresh net off before its weights have settled.
 * Source: Goyal et al.: Accurate, large minibatch SGD (2017), section 2.2.
 *
 * @param share of all steps; default a twentieth
 */
export function warmUp(schedule: Schedule, share = 0.05): Schedule {
  return (progress) => schedule(progress) * Math.min(1, (progress + share / 100) / share);
}

/** @throws ArgumentError for NaN, infinities, zero and below */
export function checkLearningRate(learningRate: number): number {
  if (!(learningRate > 0 && learningRate < Infinity)) {
    throw new ArgumentError(`learningRate must be a positive number, got ${learningRate}`);
  }
  return learningRate;
}
