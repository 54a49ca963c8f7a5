/** Checkpoints in a folder: which stay, which is taken, and what disks and hostile hands can do to them. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArgumentError } from '../src/geometry.js';
import { CheckpointError } from '../src/train/checkpoints/checkpoint-store.js';
import { FolderCheckpoints } from '../src/train/node.js';
import { scoreOf, snapshotOf } from './checkpoint-child.js';
import { bundledWhole } from './command-line.js';

const SIZE = 1000;
let parent: string;
let folder: string;
let child: string;

beforeAll(() => {
  parent = mkdtempSync(join(tmpdir(), 'tfjs-cnn-checkpoints-'));
  // Another user is to run what is in there.
  chmodSync(parent, 0o755);
  child = bundledWhole('test/checkpoint-child.ts', parent);
});
afterAll(() => rmSync(parent, { recursive: true }));
beforeEach(() => {
  folder = mkdtempSync(join(parent, 'folder-'));
});

const name = (number: number, step: number) =>
  `checkpoint-${String(number).padStart(6, '0')}-step-${String(step).padStart(9, '0')}.safetensors`;
const files = () => readdirSync(folder).sort();

async function saveSteps(
  store: FolderCheckpoints,
  steps: readonly number[],
  score: (step: number) => number | undefined = () => undefined,
) {
  for (const step of steps) await store.save(snapshotOf(step, SIZE), step, score(step));
}

describe('a folder of checkpoints', () => {
  test('that is not there yet holds none, and is made by the first save', async () => {
    const store = new FolderCheckpoints(join(folder, 'a/b'));
    expect(await store.latest()).toBeUndefined();
    expect(await store.best()).toBeUndefined();
    expect(await store.save(snapshotOf(5, SIZE), 5)).toBe(name(1, 5));
    const latest = await store.latest();
    expect(latest).toEqual({ name: name(1, 5), step: 5, snapshot: snapshotOf(5, SIZE), damaged: [] });
    expect(await store.best()).toBeUndefined();
  });

  test('keeps the newest three and the best, however old', async () => {
    const store = new FolderCheckpoints(folder);
    await saveSteps(store, [3, 7, 11, 15, 19, 23], scoreOf);
    expect(files()).toEqual([name(2, 7), name(4, 15), name(5, 19), name(6, 23)]);
    expect((await store.latest())?.step).toBe(23);
    expect((await store.best())?.snapshot).toEqual(snapshotOf(7, SIZE));
  });

  test('of equal scores keeps the first; without keepBest only the newest', async () => {
    await saveSteps(new FolderCheckpoints(folder, { keep: 1 }), [1, 2, 3], () => 0.5);
    expect(files()).toEqual([name(1, 1), name(3, 3)]);
    const store = new FolderCheckpoints(folder, { keep: 2, keepBest: false });
    await saveSteps(store, [4], () => 0.1);
    expect(files()).toEqual([name(3, 3), name(4, 4)]);
    expect((await store.best())?.step).toBe(3);
  });

  test('a training that went back to an earlier step is newer', async () => {
    const store = new FolderCheckpoints(folder, { keep: 2 });
    await saveSteps(store, [100, 200, 50, 50]);
    expect(files()).toEqual([name(3, 50), name(4, 50)]);
    expect((await store.latest())?.name).toBe(name(4, 50));
  });

  test('saves follow each other, whoever waits for them', async () => {
    const store = new FolderCheckpoints(folder, { keep: 10 });
    const names = await Promise.all([1, 2, 3, 4].map((step) => store.save(snapshotOf(step, SIZE), step)));
    expect(names).toEqual([1, 2, 3, 4].map((step) => name(step, step)));
    expect(files()).toEqual(names);
  });

  test('what another process lets go while it is read is no damage: its successor is taken', async () => {
    const store = new FolderCheckpoints(folder, { keep: 1 });
    await saveSteps(store, [1, 2], (step) => step);
    const files = jest.requireActual<typeof import('node:fs/promises')>('node:fs/promises');
    const spy = jest.spyOn(files, 'readdir');
    try {
      spy.mockResolvedValueOnce([name(1, 1)] as never);
      expect(await store.latest()).toMatchObject({ step: 2, damaged: [] });
      spy.mockResolvedValueOnce([name(1, 1)] as never);
      expect(await store.best()).toMatchObject({ step: 2, damaged: [] });
    } finally {
      spy.mockRestore();
    }
  });

  test('what cannot be stored changes nothing, and the next save goes on', async () => {
    const store = new FolderCheckpoints(folder);
    await expect(store.save({ state: { f: saveSteps }, tensors: {} }, 1)).rejects.toThrow(
      /FolderCheckpoints.save: snapshot.state.f must be plain JSON/,
    );
    await expect(store.save({ state: {}, tensors: {} }, -1)).rejects.toThrow(ArgumentError);
    expect(files()).toEqual([]);
    await store.save({ state: {}, tensors: {} }, 0);
    expect((await store.latest())?.snapshot).toEqual({ state: {}, tensors: {} });
  });

  test('options and folder are checked', () => {
    expect(() => new FolderCheckpoints(folder, { keep: 0 })).toThrow('FolderCheckpoints: keep must be a positive integer, got 0');
    expect(() => new FolderCheckpoints(folder, { keepBest: 1 as unknown as boolean })).toThrow(
      'keepBest must be true or false, got 1',
    );
    expect(() => new FolderCheckpoints('')).toThrow(ArgumentError);
  });
});

describe('a damaged checkpoint', () => {
  const newest = () => join(folder, name(3, 30));
  const ways: [string, RegExp, () => void][] = [
    ['with one flipped byte in its data', /its data is damaged \(CRC-32C \w{8} instead of \w{8}\)/, () => flip(newest(), -100)],
    ['with one flipped byte in its header', /its header is damaged/, () => flip(newest(), 60)],
    [
      'cut off',
      /its tensors have 1000 of 4000 bytes: it is cut off/,
      () => truncateSync(newest(), statSync(newest()).size - 3000),
    ],
    ['that is empty', /it has 0 bytes/, () => truncateSync(newest(), 0)],
    ['that is none', /it is no checkpoint/, () => writeFileSync(newest(), 'hello '.repeat(1000))],
    ['that is a folder', /it is no regular file/, () => replace(() => mkdirSync(newest()))],
    ['that is a symbolic link', /it is a symbolic link/, () => replace(() => symlinkSync(join(folder, name(2, 20)), newest()))],
    ['that is a link to nowhere', /it is a symbolic link/, () => replace(() => symlinkSync(join(folder, 'nowhere'), newest()))],
    ['that is a pipe', /it is no regular file/, () => replace(() => execFileSync('mkfifo', [newest()]))],
  ];

  function flip(path: string, at: number): void {
    const bytes = readFileSync(path);
    bytes[at < 0 ? bytes.length + at : at]! ^= 0x10;
    writeFileSync(path, bytes);
  }

  function replace(make: () => void): void {
    rmSync(newest());
    make();
  }

  test.each(ways)('%s: the one before is taken, and it is said', async (_, reason, damage) => {
    const store = new FolderCheckpoints(folder, { keep: 3 });
    await saveSteps(store, [10, 20, 30], (step) => step);
    damage();
    for (const found of [await store.latest(), await store.best()]) {
      expect(found?.step).toBe(20);
      expect(found?.snapshot).toEqual(snapshotOf(20, SIZE));
      expect(found?.damaged).toEqual([{ name: name(3, 30), reason: expect.stringMatching(reason) }]);
    }
    expect((await store.newest(2)).map(({ step, snapshot }) => [step, snapshot])).toEqual([
      [20, snapshotOf(20, SIZE)],
      [10, snapshotOf(10, SIZE)],
    ]);
    // It stands in nobody's way.
    await saveSteps(store, [25], (step) => step);
    expect((await store.latest())?.name).toBe(name(4, 25));
  });

  test('is not counted among those that are kept, and not removed', async () => {
    const store = new FolderCheckpoints(folder, { keep: 2, keepBest: false });
    await saveSteps(store, [10, 20]);
    expect((await store.newest(1)).map(({ step }) => step)).toEqual([20]);
    flip(join(folder, name(2, 20)), 70);
    await saveSteps(store, [30]);
    expect(files()).toEqual([name(1, 10), name(2, 20), name(3, 30)]);
    await saveSteps(store, [40]);
    expect(files()).toEqual([name(2, 20), name(3, 30), name(4, 40)]);
  });

  test('alone: nothing is taken, and why', async () => {
    const store = new FolderCheckpoints(folder);
    await saveSteps(store, [10, 20, 30], (step) => step);
    for (const file of files()) flip(join(folder, file), 70);
    await expect(store.latest()).rejects.toThrow(CheckpointError);
    await expect(store.latest()).rejects.toThrow(
      /no checkpoint is whole \(checkpoint-000003-step-000000030.safetensors: its header is damaged.*; checkpoint-000002.*; checkpoint-000001/,
    );
    await expect(store.best()).rejects.toThrow(/no checkpoint is whole/);
  });

  test('is no reason to say that there is a best one, where none has a score', async () => {
    const store = new FolderCheckpoints(folder);
    await saveSteps(store, [10, 20, 30]);
    flip(newest(), 70);
    expect(await store.best()).toBeUndefined();
  });

  test('with the greatest number leaves none for the next', async () => {
    const store = new FolderCheckpoints(folder);
    await saveSteps(store, [1]);
    copyFileSync(join(folder, name(1, 1)), join(folder, name(999_999_999, 1)));
    await expect(store.save(snapshotOf(2, SIZE), 2)).rejects.toThrow(/checkpoint 999999999 is there, and no number is left/);
  });
});

describe('what killed writers leave', () => {
  const part = (pid: number, file = name(9, 9)) => `${file}.${pid}-0123abcd.part`;
  /** A process that is certainly no more. */
  const gone = () => spawnSync(process.execPath, ['-e', '']).pid;
  const long = new Date(Date.now() - 1e9);

  test('goes with the next save; what others write stays', async () => {
    const leftOver = [part(gone()), part(process.pid), part(process.ppid)];
    const parentsNew = part(process.ppid, name(8, 8));
    const stays = [part(process.pid, name(8, 8)), parentsNew, part(gone(), 'model.json'), `${name(7, 7)}.part`, 'notes.txt'];
    for (const file of [...leftOver, ...stays]) writeFileSync(join(folder, file), 'x');
    for (const file of leftOver.slice(1)) utimesSync(join(folder, file), long, long);
    const store = new FolderCheckpoints(folder);
    expect(await store.latest()).toBeUndefined();
    await saveSteps(store, [1]);
    expect(files()).toEqual([...stays, name(1, 1)].sort());
  });
});

describe('where nothing can be written', () => {
  test('a file instead of the folder', async () => {
    const path = join(folder, 'file');
    writeFileSync(path, 'text');
    const store = new FolderCheckpoints(path);
    await expect(store.save(snapshotOf(1, SIZE), 1)).rejects.toThrow(CheckpointError);
    await expect(store.save(snapshotOf(1, SIZE), 1)).rejects.toThrow(/step 1 cannot be saved in .*EEXIST/);
    await expect(store.latest()).rejects.toThrow(/FolderCheckpoints: .*file cannot be read \(ENOTDIR/);
    await expect(store.best()).rejects.toThrow(CheckpointError);
  });

  /** What a process of another user, or with less to write, says; the folder must be as it was. */
  async function expectFailure(mode: number, command: string, args: string[], options: object, message: RegExp): Promise<void> {
    await saveSteps(new FolderCheckpoints(folder), [1, 2, 3]);
    const before = files();
    chmodSync(folder, mode);
    const { stderr, stdout, status } = spawnSync(command, args, { ...options, encoding: 'utf8' });
    chmodSync(folder, 0o755);
    expect(stderr).toMatch(message);
    expect([stdout, status]).toEqual(['ready\n', 1]);
    expect(files()).toEqual(before);
    expect((await new FolderCheckpoints(folder).latest())?.snapshot).toEqual(snapshotOf(3, SIZE));
  }

  test('a folder that may only be read', async () => {
    // To root every folder is open: somebody else has to try.
    const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
    const message =
      /^CheckpointError: FolderCheckpoints: step 4 cannot be saved in .* \(EACCES: permission denied.*; what is there stays/;
    await expectFailure(0o555, process.execPath, [child, 'saveInLoop', folder, String(SIZE), '1'], user, message);
  });

  test('a disk that is full in the middle of a file', async () => {
    // A limit of the file's size stands for it: at 512 or 1024 kilobytes, as the shell counts, of 4 megabytes.
    const command = `ulimit -f 1024; exec "$0" "$@"`;
    const args = ['-c', command, process.execPath, child, 'saveInLoop', folder, '1000000', '1'];
    await expectFailure(
      0o755,
      'sh',
      args,
      {},
      /^CheckpointError: FolderCheckpoints: step 4 cannot be saved in .* \(EFBIG: file too large/,
    );
  });
});

test('saving needs no second copy of the weights, reading no third', () => {
  const size = 2 ** 25;
  const { save, read } = JSON.parse(execFileSync(process.execPath, [child, 'weigh', folder, String(size)], { encoding: 'utf8' }));
  // What a copy would take is 128 MiB.
  expect(save).toBeLessThan(2 * size);
  expect(read).toBeLessThan(4 * size + 2 * size);
});
