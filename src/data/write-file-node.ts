import { randomBytes } from 'node:crypto';
import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** What is written; of several pieces, one after the other. */
export type FileContents = Uint8Array | string | readonly Uint8Array[];

/** Ends the name of a file that is being written: by which process, and a random number. */
const PART = /\.(\d+)-[0-9a-f]{8}\.part$/;
/** A process whose number another one has by now: what has not been written to for so long is left over, too (milliseconds). */
const LONGEST_WRITE = 3_600_000;

/**
 * Writes a file so that at any moment, power cuts included, either the old one or the new one is there,
 * whole: a temporary file beside it, flushed to the disk, then renamed.
 *
 * @throws the system's error (a full disk, no permission); the temporary file is gone then
 */
export async function writeFileAtomically(path: string, contents: FileContents): Promise<void> {
  await replaceFiles(dirname(path), [[basename(path), contents]]);
}

/**
 * Writes several files of a folder as writeFileAtomically does. None is replaced before all are safely on
 * the disk, so that a full disk leaves every old file as it is; they are replaced in the given order.
 *
 * @param files pairs of name and contents
 */
export async function replaceFiles(folder: string, files: readonly (readonly [string, FileContents])[]): Promise<void> {
  const suffix = `.${process.pid}-${randomBytes(4).toString('hex')}.part`;
  const names = files.map(([name]) => join(folder, name));
  try {
    for (const [i, [, contents]] of files.entries()) {
      const file = await open(names[i] + suffix, 'wx');
      await finish(file, () => writeAll(file, contents));
    }
    for (const name of names) await rename(name + suffix, name);
  } catch (error) {
    await Promise.all(names.map((name) => rm(name + suffix, { force: true })));
    throw error;
  }
  await flushFolder(folder);
}

/**
 * Removes what processes that were killed while they wrote have left in a folder.
 *
 * @param isOurs whether a file of that name, without the ending of temporary files, is to be looked at
 */
export async function removeLeftParts(folder: string, isOurs: (name: string) => boolean): Promise<void> {
  for (const name of await readdir(folder)) {
    const part = PART.exec(name);
    if (!part || !isOurs(name.slice(0, part.index))) continue;
    const path = join(folder, name);
    const written = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => Infinity,
    );
    if (isLeftOver(Number(part[1]), written)) await rm(path, { force: true });
  }
}

function isLeftOver(pid: number, written: number): boolean {
  const now = Date.now();
  // In a container, processes have the same few numbers each time: a file older than this process is not its own.
  if (pid === process.pid) return written < now - 1000 * process.uptime();
  return !isAlive(pid) || written < now - LONGEST_WRITE;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

async function writeAll(file: FileHandle, contents: FileContents): Promise<void> {
  const pieces = typeof contents === 'string' || ArrayBuffer.isView(contents) ? [contents] : contents;
  for (const piece of pieces) await file.writeFile(piece);
}

async function finish(file: FileHandle, write: () => Promise<void>): Promise<void> {
  try {
    await write();
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes renames durable; Windows has no such call and needs none. */
async function flushFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  await finish(folder, async () => undefined);
}
