/** What all stores have in common: names, which checkpoints to read, which to let go. */
import { flag, onlyKnown, positiveInteger } from '../../checks.js';
import { CheckpointError, type StoredCheckpoint } from './checkpoint-store.js';

/** Which checkpoints stay. */
export interface KeepOptions {
  /** So many of the newest stay; default 3. */
  keep?: number;
  /** The one with the highest score stays, too, however old; of equal ones, the first. Default true. */
  keepBest?: boolean;
}

/** A stored checkpoint as its header tells it. */
export interface Candidate {
  readonly name: string;
  /** Place in the order of saving; a training that went back to an earlier step is newer all the same. */
  readonly number: number;
  readonly score?: number;
}

/** The greatest number that names and their pattern allow for. */
export const LAST_NUMBER = 999_999_999;
const NAME = /^checkpoint-(\d{6,9})-step-\d{9,}$/;

/** checkpoint-000012-step-000001234: in the order of names, they are in the order in which they were saved. */
export function checkpointName(number: number, step: number): string {
  return `checkpoint-${String(number).padStart(6, '0')}-step-${String(step).padStart(9, '0')}`;
}

/** The number in a name; undefined where it is no checkpoint's. */
export function numberOf(name: string): number | undefined {
  const match = NAME.exec(name);
  return match ? Number(match[1]) : undefined;
}

/** @throws ArgumentError where an option is none */
export function checkKeepOptions(where: string, options: KeepOptions): Required<KeepOptions> {
  onlyKnown(where, options, ['keep', 'keepBest']);
  const { keep = 3, keepBest = true } = options;
  return { keep: positiveInteger(where, 'keep', keep), keepBest: flag(where, 'keepBest', keepBest) };
}

/** The newest first. */
export function byAge(a: Candidate, b: Candidate): number {
  return b.number - a.number;
}

/** Those with a score, the best first; of equal ones, the oldest. */
export function byScore(candidates: readonly Candidate[]): Candidate[] {
  const scored = candidates.filter(({ score }) => score !== undefined);
  return scored.sort((a, b) => (a.score === b.score ? a.number - b.number : b.score! - a.score!));
}

/** Those that may go. */
export function superfluous(candidates: readonly Candidate[], { keep, keepBest }: Required<KeepOptions>): Candidate[] {
  const best = keepBest ? byScore(candidates)[0] : undefined;
  return candidates
    .toSorted(byAge)
    .slice(keep)
    .filter((candidate) => candidate !== best);
}

/** What reading one gives; undefined where it has gone meanwhile. */
export type ReadCheckpoint = (name: string) => Promise<Omit<StoredCheckpoint, 'damaged' | 'name'> | undefined>;

/** The first `count` that are whole, or as many as there are; each with the damaged ones before it. */
export async function firstFewWhole(names: readonly string[], read: ReadCheckpoint, count: number): Promise<StoredCheckpoint[]> {
  const found: StoredCheckpoint[] = [];
  const damaged: { name: string; reason: string }[] = [];
  for (const name of names) {
    if (found.length === count) break;
    try {
      const checkpoint = await read(name);
      if (checkpoint) found.push({ name, ...checkpoint, damaged: [...damaged] });
    } catch (error) {
      damaged.push({ name, reason: (error as Error).message });
    }
  }
  return found;
}

/**
 * The first that is whole.
 *
 * @param where   whose checkpoints, for the message
 * @param damaged those that are known to be damaged already
 * @returns       undefined where there is none at all
 * @throws CheckpointError where all are damaged
 */
export async function firstWhole(
  where: string,
  names: readonly string[],
  read: ReadCheckpoint,
  damaged: StoredCheckpoint['damaged'] = [],
): Promise<StoredCheckpoint | undefined> {
  const found = [...damaged];
  for (const name of names) {
    try {
      const checkpoint = await read(name);
      if (checkpoint) return { name, ...checkpoint, damaged: found };
    } catch (error) {
      found.push({ name, reason: (error as Error).message });
    }
  }
  if (found.length === 0) return undefined;
  const list = found.map(({ name, reason }) => `${name}: ${reason}`).join('; ');
  throw new CheckpointError(`${where}: no checkpoint is whole (${list}). Remove them to start anew`);
}
