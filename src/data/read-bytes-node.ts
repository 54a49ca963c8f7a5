import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { constants, gunzipSync } from 'node:zlib';
import { DataError, type NamedBytes } from './dataset.js';

/** No format squeezes more: a deflate stream holds at most 1032 times its own size. */
const DEFLATE_LIMIT = 1032;
/** Compressed bytes that surely hold the first bytes of the contents (a gzip header with a long name included). */
const PEEK_BYTES = 1024;

/**
 * Reads a file, unpacking gzip (told by its first bytes, not its name).
 *
 * @param path          the file
 * @param expectedBytes given the first bytes of the contents, how many there must be in all; it may throw.
 *                      The answer is held against the file's size before memory is allocated.
 * @throws DataError where the file is absent, damaged, or longer or shorter than expected
 */
export function readBytes(path: string, expectedBytes: (head: Uint8Array) => number): NamedBytes {
  const { head, size } = peek(path);
  const gzipped = head[0] === 0x1f && head[1] === 0x8b;
  const expected = expectedBytes(gzipped ? unpack(head, path, { finishFlush: constants.Z_SYNC_FLUSH }) : head);
  const holds = gzipped ? size * DEFLATE_LIMIT : size;
  if (expected > holds) {
    throw new DataError(
      path,
      `${expected} bytes of contents, as its header says`,
      `a file of ${size} bytes`,
      'it is cut off or damaged',
    );
  }
  const file = readFileSync(path);
  const bytes = gzipped ? unpack(file, path, { maxOutputLength: expected + 1 }) : file;
  if (bytes.length !== expected) throw new DataError(path, `${expected} bytes of contents`, `${bytes.length}`);
  return { name: path, bytes };
}

/**
 * Reads a file whose contents do not tell how long they are.
 *
 * @param maxBytes longer contents are an error
 */
export function readBytesUpTo(path: string, maxBytes: number): NamedBytes {
  const { head, size } = peek(path);
  const gzipped = head[0] === 0x1f && head[1] === 0x8b;
  if (size > maxBytes) throw new DataError(path, `at most ${maxBytes} bytes`, `${size}`);
  const file = readFileSync(path);
  return { name: path, bytes: gzipped ? unpack(file, path, { maxOutputLength: maxBytes }) : file };
}

function peek(path: string): { head: Uint8Array; size: number } {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    throw new DataError(path, 'a readable file', (error as Error).message);
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new DataError(path, 'a file', 'something else');
    const head = new Uint8Array(Math.min(PEEK_BYTES, stats.size));
    return { head: head.subarray(0, readSync(descriptor, head)), size: stats.size };
  } finally {
    closeSync(descriptor);
  }
}

function unpack(bytes: Uint8Array, path: string, options: { finishFlush?: number; maxOutputLength?: number }): Uint8Array {
  try {
    return gunzipSync(bytes, options);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const found = code === 'ERR_BUFFER_TOO_LARGE' ? 'more than that' : `a damaged stream (${message})`;
    const limit = options.maxOutputLength;
    throw new DataError(path, limit === undefined ? 'a gzip stream' : `a gzip stream of at most ${limit} bytes`, found);
  }
}
