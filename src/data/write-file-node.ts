import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Writes a file so that at any moment, power cuts included, either the old one or the new one is there,
 * whole: a temporary file beside it, flushed to the disk, then renamed.
 *
 * @throws the system's error (a full disk, no permission); the temporary file is gone then
 */
export async function writeFileAtomically(path: string, contents: Uint8Array | string): Promise<void> {
  await replaceFiles(dirname(path), [[basename(path), contents]]);
}

/**
 * Writes several files of a folder as writeFileAtomically does. None is replaced before all are safely on
 * the disk, so that a full disk leaves every old file as it is; they are replaced in the given order.
 *
 * @param files pairs of name and contents
 */
export async function replaceFiles(folder: string, files: readonly (readonly [string, Uint8Array | string])[]): Promise<void> {
  const suffix = `.${randomBytes(4).toString('hex')}.part`;
  const names = files.map(([name]) => join(folder, name));
  try {
    for (const [i, [, contents]] of files.entries()) {
      const file = await open(names[i] + suffix, 'wx');
      await finish(file, () => file.writeFile(contents));
    }
    for (const name of names) await rename(name + suffix, name);
  } catch (error) {
    await Promise.all(names.map((name) => rm(name + suffix, { force: true })));
    throw error;
  }
  await flushFolder(folder);
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
