/** Fetched files in a page's Cache storage. */
import type { CacheOptions } from './cache-options.js';
import { download, expectChecksum } from './download.js';

const CHECKSUM = 'x-tfjs-cnn-sha256';

/**
 * What is at an address, kept in the page's cache of that name with its checksum: it is put there whole by one call, and what does not have
 * its checksum any more is fetched again. Pages that are not secure have neither cache nor checksums: there it is fetched each time.
 *
 * @throws DataError where it cannot be had, or has another checksum than was asked for
 */
export async function bytesInPage(name: string, url: URL, options: CacheOptions): Promise<Uint8Array> {
  const cache = await (globalThis.caches as CacheStorage | undefined)?.open(name);
  const old = await cache?.match(url.href);
  if (old) {
    const bytes = new Uint8Array(await old.arrayBuffer());
    const found = await sha256(bytes);
    if (found === old.headers.get(CHECKSUM) && (options.sha256 === undefined || found === options.sha256)) return bytes;
  }
  const bytes = await fetchBytes(url, options);
  const headers = { [CHECKSUM]: (await sha256(bytes)) ?? '', 'content-length': `${bytes.length}` };
  // A page whose quota is used up goes on without.
  await cache?.put(url.href, new Response(bytes as Uint8Array<ArrayBuffer>, { headers })).catch(() => undefined);
  return bytes;
}

/** What is at an address, whole and with the checksum that was asked for. */
export async function fetchBytes(url: URL, options: CacheOptions): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  await download(url.href, (piece) => void pieces.push(piece), options);
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces.splice(0)) {
    bytes.set(piece, at);
    at += piece.length;
  }
  const found = options.sha256 === undefined ? undefined : await sha256(bytes);
  if (options.sha256 !== undefined) expectChecksum(url.href, found ?? 'no way to compute it on this page', options.sha256);
  return bytes;
}

/** Undefined where the page is not secure. */
export async function sha256(bytes: Uint8Array): Promise<string | undefined> {
  const digest = await globalThis.crypto?.subtle?.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return digest && [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
