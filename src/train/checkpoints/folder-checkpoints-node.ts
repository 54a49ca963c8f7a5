import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { positiveInteger } from '../../checks.js';
import { removeLeftParts, writeFileAtomically } from '../../data/write-file-node.js';
import { ArgumentError } from '../../geometry.js';
import { CheckpointError, type CheckpointStore, type Snapshot, type StoredCheckpoint } from './checkpoint-store.js';
import {
  byAge,
  byScore,
  type Candidate,
  checkKeepOptions,
  checkpointName,
  firstFewWhole,
  firstWhole,
  type KeepOptions,
  LAST_NUMBER,
  numberOf,
  superfluous,
} from './choose-checkpoint.js';
import { claimFolder } from './claim-folder-node.js';
import { decodeSnapshot, readHeader } from './decode-snapshot.js';
import { encodeSnapshot } from './encode-snapshot.js';
import { withFile } from './file-source-node.js';

const ENDING = '.safetensors';

/**
 * Checkpoints in a folder, each a safetensors file (Python's `safetensors` opens it) such as
 * `checkpoint-000012-step-000001234.safetensors`: the twelfth that was saved there, after 1234 steps.
 *
 * Each is written beside its place, flushed to the disk and renamed, so that a process killed at any moment leaves a whole
 * file or a temporary one, which the next one to save there removes. Two trainings in one folder would let go of each other's:
 * a Trainer claims it, and the second one ends with an error. Whoever saves by other ways is not asked; every file stays whole then, too.
 */
export class FolderCheckpoints implements CheckpointStore {
  private readonly keeping: Required<KeepOptions>;
  private lastSave: Promise<unknown> = Promise.resolve();

  /**
   * @param folder is made by the first save
   * @throws ArgumentError where an option is none
   */
  constructor(
    private readonly folder: string,
    options: KeepOptions = {},
  ) {
    if (typeof folder !== 'string' || folder === '') throw new ArgumentError('FolderCheckpoints: folder must be a path');
    this.keeping = checkKeepOptions('FolderCheckpoints', options);
  }

  /**
   * Takes the folder for one training, until it is given back or this process is gone, killed or not: see `claimFolder`. The folder is
   * made.
   *
   * @returns what gives it back
   * @throws CheckpointError where another training on this machine has it
   */
  async claim(): Promise<() => Promise<void>> {
    const release = await claimFolder(this.folder);
    if (release) return release;
    throw new CheckpointError(
      `FolderCheckpoints: another training writes its checkpoints to ${this.folder}, and each would let go of the other's; ` +
        'wait for its end, stop it, or name another folder',
    );
  }

  /**
   * Writes one, whole or not at all, and then lets old ones go: the last few and the best stay. Saves of one store follow
   * each other. An old file that cannot be removed is tried again at the next save; damaged ones are left to their owner.
   *
   * @param snapshot its arrays are written as they lie, without a copy: they must not change until this is done
   * @param step     of training
   * @param score    of the model, the higher, the better; without one, or NaN, it cannot become the best
   * @returns        its name, the file's
   * @throws CheckpointError where it cannot be written (a full disk, no permission); those that are there stay as they are
   * @throws ArgumentError where the snapshot holds what cannot be stored
   */
  async save(snapshot: Snapshot, step: number, score?: number): Promise<string> {
    const pieces = encodeSnapshot('FolderCheckpoints.save', snapshot, step, score);
    const saved = this.lastSave.then(() => this.write(pieces, step));
    this.lastSave = saved.catch(() => undefined);
    return saved;
  }

  private async write(pieces: readonly Uint8Array[], step: number): Promise<string> {
    const name = await this.add(pieces, step).catch((error: Error) => {
      throw new CheckpointError(
        `FolderCheckpoints: step ${step} cannot be saved in ${this.folder} (${error.message}); what is there stays as it is. ` +
          'Make room, or name a folder that can be written to',
        { cause: error },
      );
    });
    await this.prune().catch(() => undefined);
    return name;
  }

  private async add(pieces: readonly Uint8Array[], step: number): Promise<string> {
    await mkdir(this.folder, { recursive: true });
    await removeLeftParts(this.folder, (name) => numberOfFile(name) !== undefined);
    const last = Math.max(0, ...(await this.files()).map((name) => numberOfFile(name)!));
    if (last >= LAST_NUMBER) throw new CheckpointError(`checkpoint ${last} is there, and no number is left`);
    const name = checkpointName(last + 1, step) + ENDING;
    await writeFileAtomically(join(this.folder, name), pieces);
    return name;
  }

  private async prune(): Promise<void> {
    const { whole } = await this.candidates();
    for (const { name } of superfluous(whole, this.keeping)) await rm(join(this.folder, name), { force: true });
  }

  /**
   * The newest whole one; undefined where there is none, or no such folder.
   *
   * @throws CheckpointError where all are damaged, or the folder cannot be read
   */
  async latest(): Promise<StoredCheckpoint | undefined> {
    const files = await this.files();
    const newestFirst = files.sort((a, b) => numberOfFile(b)! - numberOfFile(a)!);
    const found = await firstWhole(`FolderCheckpoints: ${this.folder}`, newestFirst, (name) => this.read(name));
    // As in `candidates`.
    return found ?? (files.length > 0 ? this.latest() : undefined);
  }

  /**
   * The whole one with the highest score, of equal ones the oldest; undefined where none has a score. Only the headers of
   * the others are read.
   *
   * @throws CheckpointError where all are damaged, or the folder cannot be read
   */
  async best(): Promise<StoredCheckpoint | undefined> {
    const { whole, damaged } = await this.candidates();
    const names = byScore(whole).map(({ name }) => name);
    if (names.length === 0 && whole.length > 0) return undefined;
    const found = await firstWhole(`FolderCheckpoints: ${this.folder}`, names, (name) => this.read(name), damaged);
    return found ?? (names.length > 0 ? this.best() : undefined);
  }

  /** The newest whole ones, the newest first; damaged ones are passed over. @throws CheckpointError where the folder cannot be read */
  async newest(count: number): Promise<StoredCheckpoint[]> {
    positiveInteger('FolderCheckpoints.newest', 'count', count);
    const names = (await this.files()).sort((a, b) => numberOfFile(b)! - numberOfFile(a)!);
    return firstFewWhole(names, (name) => this.read(name), count);
  }

  private read(name: string): ReturnType<Parameters<typeof firstWhole>[2]> {
    return withFile(join(this.folder, name), decodeSnapshot);
  }

  /** What the headers say, the newest first. */
  private async candidates(): Promise<{ whole: Candidate[]; damaged: { name: string; reason: string }[] }> {
    const whole: Candidate[] = [];
    const damaged: { name: string; reason: string }[] = [];
    const files = await this.files();
    for (const name of files) {
      try {
        const header = await withFile(join(this.folder, name), readHeader);
        if (header) whole.push({ name, number: numberOfFile(name)!, score: header.score });
      } catch (error) {
        damaged.push({ name, reason: (error as Error).message });
      }
    }
    // All gone since they were listed: whoever saves there has newer ones by now.
    if (files.length > 0 && whole.length + damaged.length === 0) return this.candidates();
    return { whole: whole.sort(byAge), damaged };
  }

  /** Names of all that look like checkpoints. */
  private async files(): Promise<string[]> {
    try {
      return (await readdir(this.folder)).filter((name) => numberOfFile(name) !== undefined);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return [];
      throw new CheckpointError(`FolderCheckpoints: ${this.folder} cannot be read (${message})`, { cause: error });
    }
  }
}

function numberOfFile(name: string): number | undefined {
  return name.endsWith(ENDING) ? numberOf(name.slice(0, -ENDING.length)) : undefined;
}
