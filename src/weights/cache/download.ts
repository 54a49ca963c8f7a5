import { DataError } from '../../data/dataset.js';
import type { CacheOptions } from './cache-options.js';

/** Milliseconds without a byte after which a server is given up. */
const STALL_TIMEOUT = 30_000;

/**
 * Fetches an address piece by piece.
 * @param take is given each piece, in order, before the next one is asked for
 * @throws DataError where it cannot be had whole, the reason of the signal where that ended it
 */
export async function download(
  url: string,
  take: (piece: Uint8Array) => void | Promise<void>,
  { signal, onProgress }: CacheOptions,
): Promise<void> {
  const watch = new AbortController();
  const giveUp = () => watch.abort(new Error(`nothing came for ${STALL_TIMEOUT} ms`));
  let timer = setTimeout(giveUp, STALL_TIMEOUT);
  const rearm = () => {
    clearTimeout(timer);
    timer = setTimeout(giveUp, STALL_TIMEOUT);
  };
  const stop = () => watch.abort(signal?.reason);
  signal?.throwIfAborted();
  signal?.addEventListener('abort', stop);
  try {
    const response = await fetch(url, { signal: watch.signal });
    if (!response.ok || !response.body) throw new Error(`the server answers ${response.status} ${response.statusText}`.trim());
    const length = response.headers.get('content-length');
    // What is packed on the way is longer than it is said to be.
    const expected = length === null || response.headers.get('content-encoding') !== null ? undefined : Number(length);
    const reader = response.body.getReader();
    let bytes = 0;
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      rearm();
      bytes += next.value.length;
      await take(next.value);
      onProgress?.(bytes, expected);
    }
    if (expected !== undefined && bytes !== expected) throw new Error(`${bytes} of ${expected} bytes came`);
  } catch (error) {
    signal?.throwIfAborted();
    const { message, cause } = (watch.signal.aborted ? watch.signal.reason : error) as Error;
    throw new DataError(url, 'a file', cause instanceof Error && cause.message ? `${message} (${cause.message})` : message);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

/** @throws DataError where contents have another checksum than was asked for */
export function expectChecksum(url: string, found: string, expected: string | undefined): void {
  if (expected === undefined || found === expected) return;
  throw new DataError(url, `contents with the sha256 ${expected}`, found, 'the file was changed, or is another one');
}
