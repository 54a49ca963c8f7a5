/** What the processes run that save checkpoints and are killed over it; and what their checkpoints must hold. */
import { writeSync } from 'node:fs';
import type { Snapshot } from '../src/train/checkpoints/checkpoint-store.js';
import { FolderCheckpoints } from '../src/train/checkpoints/folder-checkpoints-node.js';

/** Numbers that differ from step to step in every place. */
export function snapshotOf(step: number, size: number): Snapshot {
  const values = new Float32Array(size);
  for (let i = 0; i < size; i++) values[i] = step + (i % 1013) / 1024;
  return { state: { step, loss: Number.NaN }, tensors: { weight: { values, shape: [size] } } };
}

/** The best is step 7, 107, 207, ... */
export const scoreOf = (step: number) => -Math.abs((step % 100) - 7) - step / 1e6;

/** Goes on from the folder's latest, and tells every step that is saved. */
async function saveInLoop(folder: string, size: number, count: number): Promise<void> {
  const store = new FolderCheckpoints(folder);
  const from = (await store.latest())?.step ?? 0;
  writeSync(1, 'ready\n');
  for (let step = from + 1; step <= from + count; step++) {
    await store.save(snapshotOf(step, size), step, scoreOf(step));
    writeSync(1, `${step}\n`);
  }
}

/** Tells how many bytes the process grew by while it saved, and while it read. */
async function weigh(folder: string, size: number): Promise<void> {
  const store = new FolderCheckpoints(folder);
  const peak = () => process.resourceUsage().maxRSS * 1024;
  await store.save(snapshotOf(0, 1000), 0);
  const snapshot = snapshotOf(1, size);
  const before = peak();
  await store.save(snapshot, 1);
  const saved = peak();
  const read = await store.latest();
  if (read?.step !== 1) throw new Error('another one');
  writeSync(1, JSON.stringify({ save: saved - before, read: peak() - saved }));
}

/** Claims a folder, says so, and keeps it until the process is killed. */
async function hold(folder: string): Promise<void> {
  await new FolderCheckpoints(folder).claim();
  writeSync(1, 'ready\n');
  setInterval(() => undefined, 1000);
}

const [task, folder, size, count] = process.argv.slice(2);
const tasks: Record<string, () => Promise<void>> = {
  saveInLoop: () => saveInLoop(folder!, Number(size), Number(count)),
  hold: () => hold(folder!),
  weigh: () => weigh(folder!, Number(size)),
};
tasks[task!]?.().catch((error: Error) => {
  writeSync(2, `${error.name}: ${error.message}`);
  process.exitCode = 1;
});
