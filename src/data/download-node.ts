import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { RemoteFile } from './mnist-mirrors.js';
import { writeFileAtomically } from './write-file-node.js';

/** No mirror gave a file; the message names each with its reason. */
export class DownloadError extends Error {
  override readonly name = 'DownloadError';
}

/** Options of downloadFiles. */
export interface DownloadOptions {
  /** Milliseconds until the server must have answered; default 5,000. */
  readonly connectTimeout?: number;
  /** Milliseconds without a byte after which a mirror is given up; default 5,000. */
  readonly stallTimeout?: number;
  /** Ends the download; its reason is thrown. */
  readonly signal?: AbortSignal;
  /** Called with the bytes of all files that have come so far. */
  readonly onProgress?: (bytes: number) => void;
}

/**
 * Fetches files into a folder, which is made where it is absent. A file appears there only when it is
 * whole and its checksum is right; one that the first mirror does not give is asked of the next.
 *
 * @param mirrors addresses of folders, ending in '/'
 * @throws DownloadError where no mirror gives a file; the system's error where it cannot be written
 */
export async function downloadFiles(
  files: readonly RemoteFile[],
  mirrors: readonly string[],
  folder: string,
  options: DownloadOptions = {},
): Promise<void> {
  await mkdir(folder, { recursive: true });
  let before = 0;
  for (const file of files) {
    const contents = await fetchFromAny(file, mirrors, {
      ...options,
      onProgress: (bytes) => options.onProgress?.(before + bytes),
    });
    before += contents.length;
    await writeFileAtomically(join(folder, file.name), contents);
  }
}

async function fetchFromAny(file: RemoteFile, mirrors: readonly string[], options: DownloadOptions): Promise<Uint8Array> {
  const reasons: string[] = [];
  for (const mirror of mirrors) {
    try {
      const contents = await fetchBytes(mirror + file.name, file.bytes + GZIP_OVERHEAD, options);
      verify(contents, file);
      return contents;
    } catch (error) {
      options.signal?.throwIfAborted();
      reasons.push(`${mirror}: ${reasonOf(error)}`);
    }
  }
  throw new DownloadError(`${file.name} could not be downloaded. ${reasons.join('. ')}.`);
}

async function fetchBytes(url: string, limit: number, options: DownloadOptions): Promise<Uint8Array> {
  const { connectTimeout = 5000, stallTimeout = 5000, signal, onProgress } = options;
  const watch = new AbortController();
  const giveUp = (message: string) => () => watch.abort(new Error(message));
  let timer = setTimeout(giveUp(`no answer in ${connectTimeout} ms`), connectTimeout);
  try {
    const response = await fetch(url, { signal: signal ? AbortSignal.any([signal, watch.signal]) : watch.signal });
    if (!response.ok || !response.body) throw new Error(`the server answers ${response.status} ${response.statusText}`);
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    const rearm = () => {
      clearTimeout(timer);
      timer = setTimeout(giveUp(`nothing came for ${stallTimeout} ms, after ${bytes} bytes`), stallTimeout);
    };
    rearm();
    for await (const chunk of response.body) {
      rearm();
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > limit) throw new Error(`the file is longer than ${limit} bytes`);
      onProgress?.(bytes);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    throw watch.signal.aborted ? watch.signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
}

/** What gzip adds to contents that it cannot squeeze. */
const GZIP_OVERHEAD = 1024;

/** Servers may unpack a gzipped file on the way: both forms are fine, if the contents are right. */
function verify(file: Uint8Array, { bytes, sha256 }: RemoteFile): void {
  const contents = file[0] === 0x1f && file[1] === 0x8b ? gunzipSync(file, { maxOutputLength: bytes + 1 }) : file;
  const found = createHash('sha256').update(contents).digest('hex');
  if (found !== sha256) throw new Error(`wrong contents: expected sha256 ${sha256}, found ${found} (${contents.length} bytes)`);
}

/** fetch says 'fetch failed' and hides why. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message} (${cause.message || (cause as NodeJS.ErrnoException).code})` : message;
}
