/** Processes that save and are killed at a hundred random moments, in the middle of writing too: nothing that was saved is lost. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../src/random.js';
import { FolderCheckpoints } from '../src/train/checkpoints/folder-checkpoints-node.js';
import { snapshotOf } from './checkpoint-child.js';
import { bundledWhole } from './command-line.js';

/** Of each checkpoint: 2 MiB, which take a few milliseconds. */
const SIZE = 2 ** 19;
const KILLS = 100;
/** Moments are drawn from so many milliseconds after a process begins to save. */
const LONGEST_LIFE = 40;

let folder: string;
let child: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tfjs-cnn-killed-'));
  child = bundledWhole('test/checkpoint-child.ts', folder);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs a process that saves; gives the lines that it told, and how it ended. */
function run(count: number): { lines: string[]; ready: Promise<void>; ended: Promise<number | null>; kill: () => void } {
  const saving = spawn(process.execPath, [child, 'saveInLoop', folder, String(SIZE), String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const ready = new Promise<void>((resolveReady) => {
    saving.stdout.on('data', (text: Buffer) => {
      lines.push(...text.toString().trim().split('\n'));
      resolveReady();
    });
  });
  const ended = new Promise<number | null>((resolveEnd) => saving.on('close', resolveEnd));
  return { lines, ready, ended, kill: () => void saving.kill('SIGKILL') };
}

test(`killed ${KILLS} times, each goes on from the last one that was saved, or a later one`, async () => {
  const random = seededRandom(1);
  let newest = 0;
  let inTheMiddle = 0;
  for (let i = 0; i < KILLS; i++) {
    const { lines, ready, ended, kill } = run(1000);
    await ready;
    await sleep(LONGEST_LIFE * random());
    kill();
    expect(await ended).toBeNull();
    newest = Math.max(newest, ...lines.slice(1).map(Number));
    const latest = await new FolderCheckpoints(folder).latest();
    const step = latest?.step ?? 0;
    // One more than what was told: killed between the rename and the message.
    expect([newest, newest + 1]).toContain(step);
    newest = step;
    if (!latest) continue;
    expect(latest.damaged).toEqual([]);
    const found = latest.snapshot.tensors['weight']!.values;
    expect(Buffer.compare(Buffer.from(found.buffer), Buffer.from(snapshotOf(step, SIZE).tensors['weight']!.values.buffer))).toBe(
      0,
    );
    const parts = readdirSync(folder).filter((name) => name.endsWith('.part'));
    expect(parts.length).toBeLessThanOrEqual(1);
    inTheMiddle += parts.length;
  }
  // Else the moments were not random enough to prove anything.
  expect(inTheMiddle).toBeGreaterThan(0);
  expect(newest).toBeGreaterThan(KILLS / 20);
}, 300_000);

test('two processes that save to one folder leave whole files', async () => {
  const both = [run(20), run(20)];
  for (const { lines, ended } of both) {
    expect(await ended).toBe(0);
    expect(lines).toHaveLength(21);
  }
  const names = readdirSync(folder).filter((name) => name !== basename(child));
  expect(names.every((name) => name.endsWith('.safetensors'))).toBe(true);
  const store = new FolderCheckpoints(folder);
  for (const found of [await store.latest(), await store.best()]) {
    expect(found?.damaged).toEqual([]);
    expect(found?.snapshot).toEqual(snapshotOf(found!.step, SIZE));
  }
}, 120_000);
