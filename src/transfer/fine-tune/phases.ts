/** What learns when, and how fast. */
import { refuse } from '../../checks.js';
import { oneCycle } from '../../train/schedules/one-cycle.js';
import type { Schedule } from '../../train/schedules/schedule.js';
import type { LayerGroups } from './layer-groups.js';

/** A stretch of a fine-tuning in which the same layers learn. */
export interface Phase {
  /** 'head', 'all', or which group is the first that learns. */
  readonly name: string;
  /** Number of the first layer that learns. */
  readonly first: number;
  /** Passes over the data. */
  readonly epochs: number;
  /** The head's highest rate. */
  readonly learningRate: number;
  readonly schedule: Schedule;
}

/** The recipe's numbers. */
export interface PhaseOptions {
  readonly epochs: number;
  readonly freezeEpochs: number;
  readonly baseLr: number;
  readonly gradual: boolean;
  /** Number of the first layer that ever learns. */
  readonly first: number;
}

/** Ratio of fastai's highest rate to its last one. */
const FINAL = 1e5;

/** Ours divides the first rate, fastai's the highest. */
const cycle = (pctStart: number, divFactor: number) => oneCycle({ pctStart, divFactor, finalDivFactor: FINAL / divFactor });

/**
 * The head alone, at the base rate; then, at half of it, all that is to learn, or one group more each time.
 *
 * fastai warms the head up for 99 % of its phase and leaves the rest for the way down, which is less than a step here: it goes up.
 * Source: fastai's Learner.fine_tune and fit_one_cycle; gradual unfreezing: Howard, Ruder: ULMFiT, arXiv 1801.06146, section 3.3.
 */
export function phasesOf(where: string, { starts }: LayerGroups, options: PhaseOptions): Phase[] {
  const { epochs, freezeEpochs, baseLr, gradual, first } = options;
  const head = starts.at(-1)!;
  const phases: Phase[] = [];
  if (freezeEpochs > 0) {
    phases.push({ name: 'head', first: head, epochs: freezeEpochs, learningRate: baseLr, schedule: cycle(1, 25) });
  }
  if (epochs === 0) return phases;
  const later = (name: string, from: number, count: number) =>
    phases.push({ name, first: from, epochs: count, learningRate: baseLr / 2, schedule: cycle(0.3, 5) });
  if (!gradual) later('all', first, epochs);
  else {
    // Groups of which something learns, the last body group first.
    const firsts = [...new Set(starts.slice(0, -1).map((start) => Math.max(start, first)))].filter((start) => start < head);
    const turns = firsts.reverse();
    if (epochs < turns.length) {
      refuse(where, 'epochs', `${turns.length} or more with gradual, one for each group that begins to learn`, epochs);
    }
    const each = Math.floor(epochs / turns.length);
    turns.forEach((from, i) => {
      const last = i === turns.length - 1;
      later(last ? 'all' : `groups from ${turns.length - i}`, from, last ? epochs - each * i : each);
    });
  }
  return phases;
}
