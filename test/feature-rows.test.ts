/** Rows of features outside of memory: in a file, and in a database (in Node on a stand-in for the browser's). */
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { openFileRows } from '../src/transfer/features/file-rows.js';
import { openIndexedDbRows } from '../src/transfer/features/indexed-db-rows.js';
import type { RowStore } from '../src/transfer/features/row-store.js';
import { useFakeIndexedDb } from './fake-indexed-db.js';

const LENGTH = 5;

useFakeIndexedDb();

/** Row n is n + 0.1 k for its number k. */
const rows = (first: number, count: number) =>
  Float32Array.from({ length: count * LENGTH }, (_, i) => first + Math.floor(i / LENGTH) + (i % LENGTH) / 10);

const databases = async () => (await indexedDB.databases()).map(({ name }) => name);
const folders = () => readdirSync(tmpdir()).filter((name) => name.startsWith('tfjs-cnn-features-'));

describe.each<[string, (length: number) => Promise<RowStore>]>([
  ['a file', openFileRows],
  ['a database', openIndexedDbRows],
])('%s of rows', (_, open) => {
  test('gives them back to the bit, in any order and more than once', async () => {
    const store = await open(LENGTH);
    await store.write(0, rows(0, 3));
    await store.write(3, rows(3, 70));
    const into = new Float32Array(4 * LENGTH);
    await store.read([72, 0, 3, 0], into);
    expect(into).toEqual(Float32Array.from([72, 0, 3, 0].flatMap((number) => [...rows(number, 1)])));
    await store.close();
  });

  test('says which row is not there', async () => {
    const store = await open(LENGTH);
    await store.write(0, rows(0, 2));
    await expect(store.read([1, 7], new Float32Array(2 * LENGTH))).rejects.toThrow(/row 7/);
    await store.close();
  });

  test('leaves nothing behind', async () => {
    const before = folders();
    const store = await open(LENGTH);
    await store.write(0, rows(0, 2));
    await store.close();
    expect([await databases(), folders()]).toEqual([[], before]);
  });
});

test('two databases at a time do not meet, and one that a closed page left is let go after days', async () => {
  const left = indexedDB.open('tfjs-cnn features: 1000 old', 1);
  await new Promise((resolve) => {
    left.onsuccess = resolve;
  });
  left.result.close();
  const [a, b] = [await openIndexedDbRows(LENGTH), await openIndexedDbRows(LENGTH)];
  expect(await databases()).toHaveLength(2);
  expect(await databases()).not.toContain('tfjs-cnn features: 1000 old');
  await a.write(0, rows(1, 1));
  await b.write(0, rows(2, 1));
  const into = new Float32Array(LENGTH);
  await a.read([0], into);
  expect(into).toEqual(rows(1, 1));
  await a.close();
  await b.read([0], into);
  expect(into).toEqual(rows(2, 1));
  await b.close();
});
