/** Rows in a browser's database. */
import { resultOf, transact } from '../../train/checkpoints/indexed-db.js';
import type { RowStore } from './row-store.js';

const PREFIX = 'tfjs-cnn features: ';
const ROWS = 'rows';
/** A page that was closed could not clear up: databases older than this are let go by the next one (milliseconds). */
const LONGEST_TRAINING = 48 * 3_600_000;

/** Whether there is a database. */
export const hasIndexedDb = (): boolean => typeof indexedDB !== 'undefined';

/**
 * Rows in a database of their own.
 * @param length numbers of a row
 */
export async function openIndexedDbRows(length: number): Promise<RowStore> {
  await removeLeftOver();
  const name = `${PREFIX}${Date.now()} ${Math.random().toString(36).slice(2)}`;
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => void request.result.createObjectStore(ROWS);
  const database = await resultOf(request);
  return {
    write: (first, rows) =>
      transact(database, 'readwrite', [ROWS], async (transaction) => {
        const store = transaction.objectStore(ROWS);
        for (let i = 0; i < rows.length / length; i++) {
          await resultOf(store.put(rows.slice(i * length, (i + 1) * length), first + i));
        }
      }),
    read: (numbers, into) =>
      transact(database, 'readonly', [ROWS], async (transaction) => {
        const store = transaction.objectStore(ROWS);
        const found = await Promise.all(numbers.map((number) => resultOf<Float32Array | undefined>(store.get(number))));
        found.forEach((row, i) => {
          if (!row) throw new Error(`row ${numbers[i]} of the features is gone from the database`);
          into.set(row, i * length);
        });
      }),
    async close() {
      database.close();
      await resultOf(indexedDB.deleteDatabase(name));
    },
  };
}

async function removeLeftOver(): Promise<void> {
  // Some browsers do not tell what there is.
  const there = (await indexedDB.databases?.()) ?? [];
  for (const { name } of there) {
    const since = name?.startsWith(PREFIX) ? Number.parseInt(name.slice(PREFIX.length), 10) : Number.NaN;
    if (since < Date.now() - LONGEST_TRAINING) await resultOf(indexedDB.deleteDatabase(name!));
  }
}
