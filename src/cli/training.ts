/** What commands that train have in common. */
import { ArgumentError } from '../geometry.js';
import type { EpochReport, TrainingStart } from '../train/callbacks/callback.js';
import { FolderCheckpoints } from '../train/checkpoints/folder-checkpoints-node.js';
import { percent } from './output.js';

/** What an interruption means. */
export function interruptionOf({ checkpoint }: { checkpoint?: string }): string {
  return checkpoint
    ? `Interrupted; the same command with --resume goes on from ${checkpoint}.`
    : 'Interrupted; nothing was saved.';
}

/** The command as it was typed. */
export function typedCommand(): string {
  return ['tfjs-cnn', ...process.argv.slice(2)].map((word) => (/\s/.test(word) ? `'${word}'` : word)).join(' ');
}

/** @throws ArgumentError where there are checkpoints that nobody asked to go on from */
export async function openCheckpoints(folder: string, resume: boolean): Promise<FolderCheckpoints> {
  const store = new FolderCheckpoints(folder);
  const found = resume ? undefined : await store.latest();
  if (!found) return store;
  throw new ArgumentError(
    `--checkpoint: ${folder} holds ${found.name} of an earlier training; add --resume to go on from it, or name another folder`,
  );
}

/** Says from which checkpoint a training goes on. */
export function tellResumed({ resumedFrom }: TrainingStart, say: (line: string) => void): void {
  if (!resumedFrom) return;
  for (const { name: broken, reason } of resumedFrom.damaged) say(`${broken} is damaged: ${reason}`);
  say(`goes on from ${resumedFrom.name}`);
}

/** 'epoch 3  loss 0.1234, accuracy 95.00 %, test 93.00 %  (2.1 s)' */
export function describeEpoch({ epoch, train, test, seconds }: EpochReport): string {
  const tested = test ? `, test ${percent(test.accuracy)}` : '';
  return `epoch ${epoch}  loss ${train.loss.toFixed(4)}, accuracy ${percent(train.accuracy)}${tested}  (${seconds.toFixed(1)} s)`;
}
