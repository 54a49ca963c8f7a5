/**
 * Which tiles were the fastest on an adapter, kept from one process or page to the next: in Node in the file `webgpu-tiles.json` of the
 * package's cache folder, on a page in its localStorage. It is for speed only, so nothing depends on it: what cannot be read, or is none
 * of ours, counts as absent, and where nothing can be written the next start times again.
 */
import { cacheFolder } from '../../cache-folder.js';
import { isRecord } from '../../checks.js';
import { nodeModule } from '../../node-module.js';
import type { TileChoice } from './tiles.js';

/** Of the programs that are timed: raised when they change so that another may win. */
const VERSION = 1;

/** Adapters that are kept; a driver's update makes a new one. */
const MOST = 16;

/** A text that outlives the process. */
interface TextPlace {
  read(): string | null;
  write(text: string): void;
}

/** What was found for an adapter; undefined where nothing is known. @param isChoice whether it is one of today's */
export function storedChoice(adapter: string, isChoice: (value: unknown) => value is TileChoice): TileChoice | undefined {
  const choice = storedChoices()[adapter];
  return isChoice(choice) ? choice : undefined;
}

/** Keeps it, where there is a place for it. */
export function storeChoice(adapter: string, choice: TileChoice): void {
  const { [adapter]: _, ...others } = storedChoices();
  const choices = Object.fromEntries([...Object.entries(others).slice(1 - MOST), [adapter, choice]]);
  try {
    textPlace()?.write(JSON.stringify({ version: VERSION, choices }));
  } catch {
    // A folder that is not ours, a page whose quota is used up.
  }
}

function storedChoices(): Readonly<Record<string, unknown>> {
  try {
    const stored: unknown = JSON.parse(textPlace()?.read() ?? 'null');
    if (isRecord(stored) && stored['version'] === VERSION && isRecord(stored['choices'])) return stored['choices'];
  } catch {
    // Absent, cut off, or somebody else's.
  }
  return {};
}

function textPlace(): TextPlace | undefined {
  const folder = cacheFolder();
  if (!folder) return (globalThis as { localStorage?: Storage }).localStorage && pagePlace(globalThis.localStorage);
  const fs = nodeModule<typeof import('node:fs')>('node:fs')!;
  const file = `${folder}/webgpu-tiles.json`;
  return {
    read: () => fs.readFileSync(file, 'utf8'),
    write(text) {
      fs.mkdirSync(folder, { recursive: true });
      // Whoever reads meanwhile sees the old file or the new one.
      const part = `${file}.${process.pid}.part`;
      try {
        fs.writeFileSync(part, text);
        fs.renameSync(part, file);
      } finally {
        fs.rmSync(part, { force: true });
      }
    },
  };
}

function pagePlace(storage: Storage): TextPlace {
  const name = 'tfjs-cnn-webgpu-tiles';
  return { read: () => storage.getItem(name), write: (text) => storage.setItem(name, text) };
}
