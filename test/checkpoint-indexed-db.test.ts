/** Checkpoints in a database: in Node on a stand-in for the browser's; a real browser has its own test. */
import { ArgumentError } from '../src/geometry.js';
import { chunkSource, chunksOf } from '../src/train/checkpoints/chunks.js';
import { CheckpointError, IndexedDbCheckpoints } from '../src/train/index.js';
import { scoreOf, snapshotOf } from './checkpoint-child.js';
import { useFakeIndexedDb } from './fake-indexed-db.js';

const SIZE = 1000;
const DATABASE = 'tfjs-cnn checkpoints: run';

useFakeIndexedDb();

const name = (number: number, step: number) =>
  `checkpoint-${String(number).padStart(6, '0')}-step-${String(step).padStart(9, '0')}`;

async function saveSteps(
  store: IndexedDbCheckpoints,
  steps: readonly number[],
  score: (step: number) => number | undefined = () => undefined,
) {
  for (const step of steps) await store.save(snapshotOf(step, SIZE), step, score(step));
}

/** Does something with the database behind the store's back; gives all keys that are then in it. */
async function inDatabase(work: (rows: IDBObjectStore, chunks: IDBObjectStore) => void = () => undefined) {
  const finished = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const database = await finished(indexedDB.open(DATABASE));
  const transaction = database.transaction(['checkpoints', 'chunks'], 'readwrite');
  const [rows, chunks] = [transaction.objectStore('checkpoints'), transaction.objectStore('chunks')];
  work(rows, chunks);
  const keys = { rows: await finished(rows.getAllKeys()), chunks: await finished(chunks.getAllKeys()) };
  database.close();
  return keys;
}

describe('a database of checkpoints', () => {
  test('that is empty has none; the first save comes back to the bit', async () => {
    const store = new IndexedDbCheckpoints('run');
    expect(await store.latest()).toBeUndefined();
    expect(await store.best()).toBeUndefined();
    expect(await store.save(snapshotOf(5, SIZE), 5)).toBe(name(1, 5));
    expect(await store.latest()).toEqual({ name: name(1, 5), step: 5, snapshot: snapshotOf(5, SIZE), damaged: [] });
    expect(await store.best()).toBeUndefined();
    expect(await new IndexedDbCheckpoints('another').latest()).toBeUndefined();
  });

  test('keeps the newest three and the best, and nothing of the others', async () => {
    const store = new IndexedDbCheckpoints('run');
    await saveSteps(store, [3, 7, 11, 15, 19, 23], scoreOf);
    expect(await inDatabase()).toEqual({ rows: [2, 4, 5, 6], chunks: [2, 4, 5, 6].map((number) => [number, 0]) });
    expect((await store.latest())?.step).toBe(23);
    expect((await store.best())?.snapshot).toEqual(snapshotOf(7, SIZE));
    expect((await store.newest(2)).map(({ step, snapshot }) => [step, snapshot])).toEqual([
      [23, snapshotOf(23, SIZE)],
      [19, snapshotOf(19, SIZE)],
    ]);
    await expect(store.newest(0)).rejects.toThrow('count must be a positive integer, got 0');
  });

  test('of equal scores keeps the first; NaN is none; without keepBest only the newest', async () => {
    await saveSteps(new IndexedDbCheckpoints('run', { keep: 1 }), [1, 2, 3, 4], (step) => (step === 1 ? Number.NaN : 0.5));
    expect((await inDatabase()).rows).toEqual([2, 4]);
    const store = new IndexedDbCheckpoints('run', { keep: 2, keepBest: false });
    await saveSteps(store, [5]);
    expect((await inDatabase()).rows).toEqual([4, 5]);
    expect((await store.best())?.step).toBe(4);
  });

  test('saves that run at once all stand', async () => {
    const store = new IndexedDbCheckpoints('run', { keep: 10 });
    const names = await Promise.all([1, 2, 3, 4].map((step) => store.save(snapshotOf(step, SIZE), step)));
    expect(names).toEqual([1, 2, 3, 4].map((step) => name(step, step)));
  });

  test('weights in shared memory are saved', async () => {
    const values = new Float32Array(new SharedArrayBuffer(64), 16, 5).fill(3);
    const store = new IndexedDbCheckpoints('run');
    await store.save({ state: {}, tensors: { values: { values, shape: [5] } } }, 1);
    expect([...(await store.latest())!.snapshot.tensors['values']!.values]).toEqual([3, 3, 3, 3, 3]);
  });

  test('what is larger than a chunk is cut into several', async () => {
    const store = new IndexedDbCheckpoints('run', { keep: 1 });
    const large = snapshotOf(1, 2 ** 22 + 5);
    await store.save(large, 1);
    expect((await inDatabase()).chunks).toEqual([
      [1, 0],
      [1, 1],
      [1, 2],
    ]);
    const read = (await store.latest())!.snapshot.tensors['weight']!.values;
    expect(Buffer.compare(Buffer.from(read.buffer), Buffer.from(large.tensors['weight']!.values.buffer))).toBe(0);
    await saveSteps(store, [2]);
    expect((await inDatabase()).chunks).toEqual([[2, 0]]);
  });
});

test('chunks hold what the pieces held, wherever they are cut', async () => {
  const lengths = [5, 0, 2 ** 23 - 5, 2 ** 23, 1, 2 ** 24 + 3, 0];
  const pieces = lengths.map((length, i) => new Uint8Array(length).fill(i + 1));
  const chunks = [...chunksOf(pieces)];
  expect(chunks.map(({ length }) => length)).toEqual([2 ** 23, 2 ** 23, 2 ** 23, 2 ** 23, 4]);
  const whole = Buffer.concat(pieces);
  expect(Buffer.concat(chunks).equals(whole)).toBe(true);
  const source = chunkSource(whole.length, async (place) => chunks[place]);
  const middle = new Uint8Array(2 ** 23 + 10);
  await source.readInto(middle, 2 ** 23 - 6);
  expect(whole.subarray(2 ** 23 - 6, 2 ** 24 + 4).equals(middle)).toBe(true);
});

describe('a damaged checkpoint', () => {
  const change = (alter: (bytes: Uint8Array) => unknown) => (_: IDBObjectStore, chunks: IDBObjectStore) => {
    const request = chunks.get([3, 0]);
    request.onsuccess = () => void chunks.put(alter(request.result as Uint8Array), [3, 0]);
  };
  test.each<[string, RegExp, Parameters<typeof inDatabase>[0]]>([
    [
      'with one flipped byte',
      /its data is damaged/,
      change((bytes) => {
        bytes[bytes.length - 9]! ^= 4;
        return bytes;
      }),
    ],
    ['cut off', /its part 0 is missing or damaged/, change((bytes) => bytes.subarray(1))],
    ['that is a text', /its part 0 is missing or damaged/, change(() => 'text')],
    ['without its bytes', /its part 0 is missing or damaged/, (_, chunks) => void chunks.delete([3, 0])],
  ])('%s: the one before is taken, and it is said', async (_, reason, damage) => {
    const store = new IndexedDbCheckpoints('run');
    await saveSteps(store, [10, 20, 30], (step) => step);
    await inDatabase(damage);
    for (const found of [await store.latest(), await store.best()]) {
      expect(found?.snapshot).toEqual(snapshotOf(20, SIZE));
      expect(found?.damaged).toEqual([{ name: name(3, 30), reason: expect.stringMatching(reason) }]);
    }
    await inDatabase((_, chunks) => void chunks.clear());
    await expect(store.latest()).rejects.toThrow(CheckpointError);
    await expect(store.latest()).rejects.toThrow(/no checkpoint is whole \(checkpoint-000003-step-000000030: its part 0/);
  });

  test('that another page lets go while it is read is no damage: its successor is taken', async () => {
    const store = new IndexedDbCheckpoints('run', { keep: 1 });
    await saveSteps(store, [1]);
    const stale = await inDatabase();
    await saveSteps(store, [2]);
    expect([stale.rows, (await inDatabase()).rows]).toEqual([[1], [2]]);
    const prototype = await storePrototype();
    const { getAll } = prototype;
    const spy = jest.spyOn(prototype, 'getAll').mockImplementationOnce(function (this: IDBObjectStore) {
      const request = getAll.call(this);
      const row = { number: 1, name: name(1, 1), step: 1, size: 5000 };
      return Object.defineProperty(request, 'result', { get: () => [row], set: () => undefined });
    });
    try {
      expect(await store.latest()).toMatchObject({ step: 2, damaged: [] });
    } finally {
      spy.mockRestore();
    }
  });
});

/** What all object stores of the stand-in have in common. */
async function storePrototype(): Promise<IDBObjectStore> {
  let found: IDBObjectStore | undefined;
  await inDatabase((rows) => {
    found = Object.getPrototypeOf(rows) as IDBObjectStore;
  });
  return found!;
}

describe('where nothing can be written', () => {
  test('a site that may store no more: all stays as it is', async () => {
    const store = new IndexedDbCheckpoints('run');
    await saveSteps(store, [1, 2, 3]);
    const before = await inDatabase();
    // The stand-in knows no quota: here the bytes are stored, and the transaction fails where it is to end.
    const prototype = await storePrototype();
    const { add } = prototype;
    const spy = jest.spyOn(prototype, 'add');
    spy.mockImplementation(function (this: IDBObjectStore, ...args) {
      if (this.name === 'checkpoints') throw new DOMException('no room', 'QuotaExceededError');
      return add.apply(this, args);
    });
    try {
      await expect(store.save(snapshotOf(4, SIZE), 4)).rejects.toThrow(
        'IndexedDbCheckpoints: tfjs-cnn checkpoints: run: step 4 cannot be saved (QuotaExceededError: no room); what is there stays ' +
          'as it is. Let the site store more, or keep fewer checkpoints',
      );
    } finally {
      spy.mockRestore();
    }
    expect(await inDatabase()).toEqual(before);
    expect((await store.latest())?.step).toBe(3);
    expect(await store.save(snapshotOf(4, SIZE), 4)).toBe(name(4, 4));
  });

  test('a database of something else, or of a later version', async () => {
    const store = new IndexedDbCheckpoints('run');
    const open = (version: number) =>
      new Promise<void>((resolve) => {
        const request = indexedDB.open(DATABASE, version);
        request.onsuccess = () => resolve(request.result.close());
      });
    await open(1);
    await expect(store.save(snapshotOf(1, SIZE), 1)).rejects.toThrow(/step 1 cannot be saved \(NotFoundError/);
    await expect(store.latest()).rejects.toThrow(CheckpointError);
    await open(2);
    await expect(store.latest()).rejects.toThrow(/no checkpoint can be read \(VersionError/);
  });

  test('no IndexedDB at all', async () => {
    delete (globalThis as Partial<typeof globalThis>).indexedDB;
    await expect(new IndexedDbCheckpoints('run').latest()).rejects.toThrow(
      /there is no IndexedDB here; Node has FolderCheckpoints/,
    );
    await expect(new IndexedDbCheckpoints('run').save(snapshotOf(1, SIZE), 1)).rejects.toThrow(CheckpointError);
  });

  test('arguments that are none', async () => {
    expect(() => new IndexedDbCheckpoints('')).toThrow(ArgumentError);
    expect(() => new IndexedDbCheckpoints('run', { keep: 1.5 })).toThrow(
      'IndexedDbCheckpoints: keep must be a positive integer, got 1.5',
    );
    await expect(new IndexedDbCheckpoints('run').save(snapshotOf(1, SIZE), -1)).rejects.toThrow(ArgumentError);
  });
});
