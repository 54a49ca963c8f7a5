import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adapterOf } from '../../inspect/certify/adapter.js';
import { type PackedRecord, packRecord, unpackRecord } from '../../inspect/certify/packed-record.js';
import { recordTraining, type TrainingRecord } from '../../inspect/certify/training-record.js';
import { BackendError, useBackend } from '../backends.js';
import { type CertifySpec, taskOfSpec } from './spec.js';

/** Why there is no record of a backend. */
export interface Absence {
  readonly backend: string;
  readonly reason: string;
  /** The machine does not have it; else it has, and failed. */
  readonly missing: boolean;
}

/** What a child writes. */
type Answer = { readonly record: PackedRecord } | { readonly missing: string };

/**
 * Trains on one backend in a process of its own: a driver that ends the process ends that one, and backends do not meet in one registry.
 * @param words of the command line that come before `--on`, which says what the child is to do
 */
export async function recordInChild(
  words: readonly string[],
  backend: string,
  spec: CertifySpec,
): Promise<TrainingRecord | Absence> {
  const folder = mkdtempSync(join(tmpdir(), 'tfjs-cnn-certify-'));
  try {
    const file = join(folder, 'record.json');
    writeFileSync(join(folder, 'spec.json'), JSON.stringify(spec));
    const child = spawn(process.execPath, [...process.execArgv, ...words, '--on', backend, '--in', folder], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let complaints = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaints = (complaints + text).slice(-4000);
    });
    const ended = await new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    if (!existsSync(file)) return { backend, reason: lastLine(complaints) ?? ended, missing: false };
    const answer = JSON.parse(readFileSync(file, 'utf8')) as Answer;
    return 'record' in answer ? unpackRecord(answer.record) : { backend, reason: answer.missing, missing: true };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The child's part: trains as spec.json in the folder says, and writes record.json there. */
export async function answerParent(backend: string, folder: string): Promise<void> {
  const spec = JSON.parse(readFileSync(join(folder, 'spec.json'), 'utf8')) as CertifySpec;
  let answer: Answer;
  try {
    await useBackend(backend);
    const adapter = adapterOf();
    answer = { record: packRecord({ ...(await recordTraining(taskOfSpec(spec))), ...(adapter !== undefined && { adapter }) }) };
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    answer = { missing: error.message };
  }
  writeFileSync(join(folder, 'record.json'), JSON.stringify(answer));
}

function lastLine(text: string): string | undefined {
  return text.trim().split('\n').filter(Boolean).at(-1);
}
