import { flag, oneOf, onlyKnown, positiveInteger, positiveNumber, refuse, upToOne } from '../../checks.js';
import { elapsed, type ScheduleClock, unitOf } from './clock.js';
import { halfCosine } from './cosine.js';
import type { Moment, Schedule } from './schedule.js';

/** Options of the schedule oneCycle. */
export interface OneCycleOptions extends ScheduleClock {
  /** The rate at the top; default: the optimizer's. */
  maxLr?: number;
  /** Steps (or, by 'epoch', epochs) of the cycle; default: the whole training. */
  totalSteps?: number;
  /** Share of the cycle on the way up, in [0, 1]; default 0.3. */
  pctStart?: number;
  /** The first rate is maxLr / divFactor; default 25. */
  divFactor?: number;
  /** The last rate is the first one / finalDivFactor; default 1e4. */
  finalDivFactor?: number;
  /** How it gets from one rate to the next; default 'cos'. */
  annealStrategy?: 'cos' | 'linear';
  /** Down to the first rate as fast as it went up, then on to the last one; else at once. Default false. */
  threePhase?: boolean;
  /** Momentum goes down while the rate goes up, and the other way round; of Adam and its kin beta 1. The optimizer must have one. Default true. */
  cycleMomentum?: boolean;
  /** Momentum where the rate is highest; default 0.85. */
  baseMomentum?: number;
  /** Momentum where the rate is lowest; default 0.95. */
  maxMomentum?: number;
}

const OPTIONS: readonly (keyof OneCycleOptions)[] = [
  'maxLr',
  'totalSteps',
  'by',
  'pctStart',
  'divFactor',
  'finalDivFactor',
  'annealStrategy',
  'threePhase',
  'cycleMomentum',
  'baseMomentum',
  'maxMomentum',
];

/** A stretch of the cycle, which ends at step `end`. */
interface Phase {
  readonly end: number;
  readonly rates: readonly [from: number, to: number];
  readonly momenta: readonly [from: number, to: number];
}

/**
 * One way up to a high rate and one way down to almost nothing, with the momentum moving against it:
 *
 *     first = maxLr / divFactor, last = first / finalDivFactor
 *     two phases:   first -> maxLr until step pctStart n - 1, -> last until step n - 1
 *     three phases: first -> maxLr until pctStart n - 1, -> first until 2 pctStart n - 2, -> last until n - 1
 *
 * each along half a cosine or a straight line. Past the end it stays at the last rate.
 * Source: Smith, Topin: Super-convergence (2019); PyTorch's OneCycleLR, whose two phases are fastai's.
 *
 * @param options by: default 'step'
 * @throws ArgumentError for numbers out of their range
 */
export function oneCycle(options: OneCycleOptions = {}): Schedule {
  const { maxLr, totalSteps, by = 'step', annealStrategy = 'cos', cycleMomentum = true } = check(options);
  const between = annealStrategy === 'cos' ? halfCosine : straight;
  const at = (moment: Moment, base: number, pick: (phase: Phase) => readonly [number, number]): number => {
    const length = totalSteps ?? (by === 'step' ? moment.steps : moment.epochs);
    const done = Math.min(elapsed(by, moment), length - 1);
    const phases = phasesOf(maxLr ?? base, length, options);
    const place = phases.findIndex(({ end }) => done <= end);
    const begin = place === 0 ? 0 : phases[place - 1]!.end;
    const span = phases[place]!.end - begin;
    const [from, to] = pick(phases[place]!);
    return span > 0 ? between(from, to, (done - begin) / span) : to;
  };
  return {
    learningRate: (base, moment) => at(moment, base, ({ rates }) => rates),
    ...(cycleMomentum && { momentum: (moment: Moment) => at(moment, 1, ({ momenta }) => momenta) }),
  };
}

function phasesOf(top: number, length: number, options: OneCycleOptions): Phase[] {
  const { pctStart = 0.3, divFactor = 25, finalDivFactor = 1e4, threePhase = false } = options;
  const { baseMomentum: low = 0.85, maxMomentum: high = 0.95 } = options;
  const first = top / divFactor;
  const last = first / finalDivFactor;
  const peak = pctStart * length - 1;
  const up: Phase = { end: peak, rates: [first, top], momenta: [high, low] };
  if (!threePhase) return [up, { end: length - 1, rates: [top, last], momenta: [low, high] }];
  return [
    up,
    { end: 2 * peak, rates: [top, first], momenta: [low, high] },
    { end: length - 1, rates: [first, last], momenta: [high, high] },
  ];
}

function straight(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}

function check(options: OneCycleOptions): OneCycleOptions {
  const where = 'oneCycle';
  onlyKnown(where, options, OPTIONS);
  const { maxLr, totalSteps, pctStart, divFactor, finalDivFactor, threePhase, cycleMomentum, by } = options;
  if (maxLr !== undefined) positiveNumber(where, 'maxLr', maxLr);
  if (totalSteps !== undefined) positiveInteger(where, 'totalSteps', totalSteps);
  if (pctStart !== undefined) upToOne(where, 'pctStart', pctStart);
  if (divFactor !== undefined) positiveNumber(where, 'divFactor', divFactor);
  if (finalDivFactor !== undefined) positiveNumber(where, 'finalDivFactor', finalDivFactor);
  if (threePhase !== undefined) flag(where, 'threePhase', threePhase);
  if (threePhase && pctStart !== undefined && pctStart > 0.5) {
    refuse(where, 'pctStart', 'at most 0.5 with threePhase, where the way down is as long as the way up', pctStart);
  }
  if (cycleMomentum !== undefined) flag(where, 'cycleMomentum', cycleMomentum);
  for (const argument of ['baseMomentum', 'maxMomentum'] as const) {
    const momentum = options[argument];
    if (momentum !== undefined) upToOne(where, argument, momentum);
  }
  if (options.annealStrategy !== undefined) oneOf(where, 'annealStrategy', options.annealStrategy, ['cos', 'linear']);
  if (by !== undefined) unitOf(where, by);
  return options;
}
