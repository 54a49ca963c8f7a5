import { constants, type FileHandle, lstat, open } from 'node:fs/promises';
import { CheckpointError } from './checkpoint-store.js';
import type { ByteSource } from './decode-snapshot.js';

/** One call of the system reads no more than 2 GiB. */
const LONGEST_READ = 2 ** 30;
/** A link may lead anywhere, and a pipe would wait for its writer; Windows knows neither flag. */
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * Reads a regular file.
 *
 * @returns what `read` gives; undefined where there is no such file
 * @throws CheckpointError where it is a link, a folder or whatever else, or cannot be read
 */
export async function withFile<T>(path: string, read: (source: ByteSource) => Promise<T>): Promise<T | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, FLAGS);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // A link that leads nowhere is no absent file: whoever waits for it to be gone would wait for ever.
    if (code === 'ENOENT' && !(await exists(path))) return undefined;
    throw new CheckpointError(code === 'ELOOP' ? 'it is a symbolic link' : `it cannot be read (${message})`, { cause: error });
  }
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new CheckpointError('it is no regular file');
    return await read({ size: stats.size, readInto: (bytes, position) => readInto(file, bytes, position) });
  } finally {
    await file.close();
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

async function readInto(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const wanted = Math.min(bytes.length - done, LONGEST_READ);
    const { bytesRead } = await file.read(bytes, done, wanted, position + done);
    if (bytesRead === 0) throw new CheckpointError(`it ends at byte ${position + done}`);
    done += bytesRead;
  }
}
