/** Files on a disk, in Node; elsewhere nothing here is called. */

import { DataError } from '../../data/dataset.js';
import { nodeModule } from '../../node-module.js';
import { checkRange } from './byte-source.js';
import type { OpenSource } from './open-source.js';
import type { ByteSource } from './weight-file.js';

type FileHandle = import('node:fs/promises').FileHandle;

/** One call of the system reads no more than 2 GiB. */
const LONGEST_READ = 2 ** 30;

/**
 * Opens a file, of which only what is asked for is read, each time into memory of its own.
 * @throws DataError where there is no regular file, or it cannot be read
 */
export async function openFile(path: string): Promise<OpenSource> {
  const paths = nodeModule<typeof import('node:path')>('node:path')!;
  const handles: FileHandle[] = [];
  const close = async () => void (await Promise.all(handles.map((handle) => handle.close())));
  const open = async (place: string): Promise<ByteSource> => {
    const { handle, size } = await openRegular(place);
    handles.push(handle);
    return {
      name: place,
      size,
      beside: (name) => open(paths.join(paths.dirname(place), name)),
      bytes: (begin, end) => readRange(handle, place, begin, checkRange(place, size, begin, end)),
    };
  };
  try {
    return { source: await open(path), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openRegular(path: string): Promise<{ handle: FileHandle; size: number }> {
  const { constants, promises } = nodeModule<typeof import('node:fs')>('node:fs')!;
  try {
    // A pipe would wait for its writer.
    const handle = await promises.open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stats = await handle.stat();
    if (stats.isFile()) return { handle, size: stats.size };
    await handle.close();
  } catch (error) {
    throw new DataError(path, 'a file', (error as Error).message);
  }
  throw new DataError(path, 'a file', 'something else');
}

async function readRange(handle: FileHandle, path: string, begin: number, end: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(end - begin);
  for (let done = 0; done < bytes.length; ) {
    const wanted = Math.min(bytes.length - done, LONGEST_READ);
    const { bytesRead } = await handle.read(bytes, done, wanted, begin + done);
    if (bytesRead === 0) throw new DataError(path, `${end} bytes`, `${begin + done}: it became shorter while it was read`);
    done += bytesRead;
  }
  return bytes;
}
