/**
 * Readers of files from outside on files that are damaged, from a seed. A reader fails on an input where it throws anything but a
 * DataError, gives arrays that do not hold what their shapes say, or takes more time or memory than any honest file of that size.
 */
import { writeFileSync } from 'node:fs';
import { DataError } from '../../src/data/dataset.js';
import { readWeights, type WeightFile, type WeightFormat } from '../../src/weights/index.js';
import { generator, integer } from '../random.js';
import { mutated } from './mutate.js';

/** A whole file, or a part of one that is changed and wrapped again, so that checksums do not keep changes out. */
export interface Seed {
  readonly bytes: Uint8Array;
  /** Default: the bytes are the file. */
  readonly wrap?: (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>;
}

/** One reader and what it is tried on. */
export interface FuzzTarget {
  readonly format: WeightFormat;
  /** Whether a file that is cut off may be a shorter one: messages of protobuf have no end. */
  readonly endsAnywhere?: boolean;
  /** Small files that are read without an error. */
  seeds(): Promise<readonly Seed[]>;
  /** Default: `readWeights` of the bytes as a file of that format. */
  read?(bytes: Uint8Array): Promise<WeightFile>;
}

/** An input on which a reader fails. */
export interface Failure {
  readonly bytes: Uint8Array;
  /** Number of the input: the same seed gives it again. */
  readonly input: number;
  readonly reason: string;
}

/** What came of it. */
export interface FuzzResult {
  readonly inputs: number;
  /** Inputs that were read in spite of the changes. */
  readonly read: number;
  readonly failures: readonly Failure[];
}

export interface FuzzOptions {
  readonly seed: number;
  /** Ends after so many inputs, or so many milliseconds. */
  readonly inputs?: number;
  readonly milliseconds?: number;
}

/** Seeds have a few kilobytes: readers take milliseconds, and on a busy machine no more than this. */
const LONGEST_MS = 10_000;
/** What the process may grow by in one input (bytes). */
const MOST_MEMORY = 512 * 2 ** 20;
/** Failures after the first ones say nothing new. */
const MOST_FAILURES = 10;

export async function fuzz(
  target: FuzzTarget,
  { seed, inputs = Infinity, milliseconds = Infinity }: FuzzOptions,
): Promise<FuzzResult> {
  const seeds = await target.seeds();
  const all = seeds.map(({ bytes }) => bytes);
  const failures: Failure[] = [];
  const end = performance.now() + milliseconds;
  let count = 0;
  let read = 0;
  for (; count < inputs && performance.now() < end && failures.length < MOST_FAILURES; count++) {
    const random = generator(seed + count);
    const chosen = seeds[integer(random, 0, seeds.length - 1)]!;
    const changed = mutated(chosen.bytes, random, all);
    const bytes = chosen.wrap ? await chosen.wrap(changed) : changed;
    const outcome = await tryToRead(target, bytes);
    if (outcome === 'read') read++;
    else if (outcome !== 'refused') failures.push({ bytes, input: count, reason: outcome });
  }
  return { inputs: count, read, failures };
}

/** 'read', 'refused', or what is wrong with the reader. */
export async function tryToRead(target: FuzzTarget, bytes: Uint8Array): Promise<string> {
  countPeakAnew();
  const [started, peak] = [performance.now(), peakMemory()];
  const outcome = await read(target, bytes);
  const [took, grown] = [performance.now() - started, peakMemory() - peak];
  if (took > LONGEST_MS) return `it took ${Math.round(took)} ms`;
  return grown > MOST_MEMORY ? `it took ${Math.round(grown / 2 ** 20)} MB of memory` : outcome;
}

async function read(target: FuzzTarget, bytes: Uint8Array): Promise<string> {
  const reader = target.read ?? ((given: Uint8Array) => readWeights(given, { format: target.format }));
  try {
    return wrongIn(await reader(bytes)) ?? 'read';
  } catch (error) {
    if (!(error instanceof DataError)) return `it threw ${(error as Error).stack ?? error}`;
    return error.message.length > 2000
      ? `its message has ${error.message.length} characters: ${error.message.slice(0, 300)}`
      : 'refused';
  }
}

function wrongIn({ arrays }: WeightFile): string | undefined {
  if (Object.getPrototypeOf(arrays) !== null) return 'its arrays have a prototype';
  for (const [name, { shape, data }] of Object.entries(arrays)) {
    const count = shape.reduce((product, size) => product * size, 1);
    if (count !== data.length) return `'${name}' of the shape [${shape}] has ${data.length} numbers`;
  }
  return undefined;
}

/** Whoever ran before in this process may have taken more: Linux forgets it when told so. */
function countPeakAnew(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Elsewhere what takes less than was taken before is not seen.
  }
}

/** Most bytes that the process had since. */
function peakMemory(): number {
  return 1024 * process.resourceUsage().maxRSS;
}
