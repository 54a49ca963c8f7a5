import { env } from '@tensorflow/tfjs-core';
import type { AdapterFacts } from './backend.js';
import './flags.js';
import { storeChoice, storedChoice } from './tile-store.js';

/** How a product of matrices is cut into workgroups and threads. */
export interface Tile {
  /** Of the result, in a workgroup. */
  readonly rows: number;
  readonly columns: number;
  /** Of the result, in a thread: 4 or 8. */
  readonly threadRows: number;
  readonly threadColumns: number;
  /** Whether its threads share what they read in workgroup memory; else each reads for itself. */
  readonly shared: boolean;
}

/** Depth that lies in workgroup memory at a time. */
export const DEPTH = 16;

/** What suits a GPU: found by a short timing, see tile-timing.ts. */
export type TileChoice = 'shared64' | 'shared128' | 'direct';

/** All there are. */
export const TILE_CHOICES: readonly TileChoice[] = ['shared64', 'shared128', 'direct'];

/** By adapter, for as long as the process or page lives. */
const chosen = new Map<string, TileChoice>();

/** Two adapters of one kind and driver compute alike. */
const keyOf = ({ vendor, architecture, device, description }: AdapterFacts): string =>
  [vendor, architecture, device, description].join('/');

const isChoice = (value: unknown): value is TileChoice => TILE_CHOICES.includes(value as TileChoice);

/** What was found for an adapter, or what `tf.env().set('CNN_WEBGPU_TILES', ...)` says. */
export function tileChoiceOf(adapter: AdapterFacts): TileChoice {
  return fixedChoice() ?? chosen.get(keyOf(adapter)) ?? 'shared64';
}

/** Remembers what was found for an adapter, be it in another process or page. @param lasting whether others are to know it, too */
export function rememberChoice(adapter: AdapterFacts, choice: TileChoice, lasting: boolean): void {
  chosen.set(keyOf(adapter), choice);
  if (lasting) storeChoice(keyOf(adapter), choice);
}

/** Whether a timing is wanted: nothing is said or known. */
export function isUndecided(adapter: AdapterFacts): boolean {
  if (fixedChoice() !== undefined || chosen.has(keyOf(adapter))) return false;
  const stored = storedChoice(keyOf(adapter), isChoice);
  if (stored) chosen.set(keyOf(adapter), stored);
  return !stored;
}

/** Of the flag, 'auto' by default. */
function fixedChoice(): TileChoice | undefined {
  return TILE_CHOICES.find((choice) => choice === env().getString('CNN_WEBGPU_TILES'));
}

/**
 * The tile for a result of so many rows and columns. Where rows are pixels of a batch, Infinity stands for them: a smaller batch must not
 * ask for another program.
 */
export function tileFor(choice: TileChoice, rows: number, columns: number): Tile {
  const shared = choice !== 'direct';
  if (choice === 'shared128' && rows > 64 && columns > 64) {
    return { rows: 128, columns: 128, threadRows: 8, threadColumns: 8, shared };
  }
  const across = columns <= 16 ? 16 : columns <= 32 ? 32 : 64;
  const low = rows <= 32;
  // What shares nothing reads less the squarer a thread's tile is.
  const square = !shared || across > 16;
  const threadColumns = square && !(low && across < 64) ? 8 : 4;
  return { rows: heightFor(rows, across), columns: across, threadRows: low ? 4 : 8, threadColumns, shared };
}

/** Of few columns many rows, but as few as can be behind the last. */
function heightFor(rows: number, columns: number): number {
  if (rows <= 32) return 32;
  const most = columns === 64 ? 64 : 128;
  return Math.ceil(rows / 64) % 2 === 1 ? 64 : most;
}

/** Threads of a workgroup. */
export function threadsOf({ rows, columns, threadRows, threadColumns }: Tile): number {
  return (rows / threadRows) * (columns / threadColumns);
}

/** For a program's variant. */
export function tileName({ rows, columns, shared }: Tile): string {
  return `${rows}x${columns}${shared ? '' : 'direct'}`;
}
