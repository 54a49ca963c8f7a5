/** What commands that train have in common. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { ArgumentError } from '../geometry.js';
import type { EpochReport, TrainerCallback, TrainingStart } from '../train/callbacks/callback.js';
import { jsonLinesLog } from '../train/callbacks/json-lines-log-node.js';
import { tensorBoardLog } from '../train/callbacks/tensorboard-log-node.js';
import { FolderCheckpoints } from '../train/checkpoints/folder-checkpoints-node.js';
import { backendOption, jsonOption, seedNumber, wholeNumber } from './options.js';
import { percent } from './output.js';

/** How a training runs and what it leaves, whatever it trains. */
export interface TrainingOptions {
  readonly workers: number;
  readonly checkpoint?: string;
  readonly resume?: boolean;
  readonly log?: string;
  readonly seed: number;
  readonly backend: string;
  readonly out?: string;
  readonly json?: boolean;
}

/**
 * @param seeded what the seed is of
 * @param out where the model is saved by default
 */
export function addTrainingOptions(command: Command, seeded: string, out: string): Command {
  return command
    .option('--workers <count>', 'threads that prepare pictures; 0: none', wholeNumber, 1)
    .option('--checkpoint <folder>', 'write checkpoints there, also on ctrl-C')
    .option('--resume', 'go on from the newest checkpoint, if there is one')
    .option('--log <folder>', 'write log.jsonl and what TensorBoard shows there')
    .option('--seed <number>', `of ${seeded}, order and changes of the pictures, splits`, seedNumber, 1)
    .addOption(backendOption())
    .option('--out <folder>', `where the model is saved (default: ${out})`)
    .addOption(jsonOption());
}

/** What writes --log: lines of JSON, and what TensorBoard shows; @param part of a training that has several */
export function logs(folder: string | undefined, part?: string): TrainerCallback[] {
  if (folder === undefined) return [];
  return [jsonLinesLog(join(folder, `${part ?? 'log'}.jsonl`)), tensorBoardLog(part ? join(folder, part) : folder)];
}

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
