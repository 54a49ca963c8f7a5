/** What users name (paths, addresses, files of a page, memory) as bytes. */

import { shown } from '../../checks.js';
import { DataError } from '../../data/dataset.js';
import { ArgumentError } from '../../geometry.js';
import { nodeModule } from '../../node-module.js';
import { blobSource, memorySource } from './byte-source.js';
import { openFile } from './file-source.js';
import type { ByteSource } from './weight-file.js';

/**
 * Where weights are read from: a path (Node), an address, a page's `File` or a list of them (model.json with its shards), or bytes in
 * memory.
 */
export type WeightSource = string | URL | Blob | Iterable<File> | ArrayBuffer | Uint8Array;

/** A source that is open; what it holds of the system is given back by `close`. */
export interface OpenSource {
  readonly source: ByteSource;
  close(): Promise<void>;
}

/** Memory is taken for no more than a server says it sends, and for this much where it says nothing. */
const FIRST_BYTES = 2 ** 20;

/**
 * @throws ArgumentError where it is nothing that can be read, DataError where it cannot be
 */
export async function openSource(where: string, given: WeightSource): Promise<OpenSource> {
  if (typeof given === 'string') return openNamed(given);
  if (given instanceof URL) return openUrl(given);
  if (isKind<Blob>(given, 'Blob', 'File')) return opened(blobSource((given as File).name ?? 'a Blob', given));
  if (ArrayBuffer.isView(given)) return opened(memorySource('the given bytes', given as Uint8Array));
  if (isKind<ArrayBuffer>(given, 'ArrayBuffer', 'SharedArrayBuffer')) {
    return opened(memorySource('the given bytes', new Uint8Array(given)));
  }
  if (typeof (given as Iterable<File> | null)?.[Symbol.iterator] === 'function') return opened(chosenFiles(where, [...given]));
  throw new ArgumentError(
    `${where}: source must be a path, a URL, a Blob or File, a list of Files, an ArrayBuffer or a Uint8Array, got ${shown(given)}`,
  );
}

/** By what an object calls itself: in a sandbox its class is another one of the same name. */
function isKind<T>(value: unknown, ...kinds: readonly string[]): value is T {
  return kinds.includes(Object.prototype.toString.call(value).slice(8, -1));
}

function opened(source: ByteSource): OpenSource {
  return { source, close: async () => undefined };
}

/** A path, where there are any; an address elsewhere, or where it looks like one. */
async function openNamed(text: string): Promise<OpenSource> {
  const isUrl = /^(https?|file|data|blob):/.test(text);
  if (isUrl) return openUrl(new URL(text));
  return nodeModule('node:fs') ? openFile(text) : openUrl(new URL(text, globalThis.location?.href));
}

async function openUrl(url: URL): Promise<OpenSource> {
  if (url.protocol === 'file:') {
    const urls = nodeModule<typeof import('node:url')>('node:url');
    if (urls) return openFile(urls.fileURLToPath(url));
  }
  return opened(await fetched(url));
}

async function fetched(url: URL): Promise<ByteSource> {
  const name = url.protocol === 'data:' ? 'a data: address' : url.href;
  const beside = (other: string) => {
    const address = new URL(encodeURIComponent(other), url);
    // Addresses that are signed are so by what follows the question mark.
    address.search = url.search;
    return fetched(address);
  };
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`the server answers ${response.status} ${response.statusText}`.trim());
    return memorySource(name, await bytesOf(response), beside);
  } catch (error) {
    const { message, cause } = error as Error;
    throw new DataError(name, 'a file', cause instanceof Error ? `${message} (${cause.message})` : message);
  }
}

/** All that is sent; in one piece of memory where the server says how much it will be. */
async function bytesOf(response: Response): Promise<Uint8Array> {
  const length = Number(response.headers.get('Content-Length'));
  let bytes = new Uint8Array(length > 0 ? length : FIRST_BYTES);
  let done = 0;
  const reader = response.body?.getReader();
  for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
    if (done + next.value.length > bytes.length) {
      const more = new Uint8Array(Math.max(2 * bytes.length, done + next.value.length));
      more.set(bytes.subarray(0, done));
      bytes = more;
    }
    bytes.set(next.value, done);
    done += next.value.length;
  }
  return bytes.subarray(0, done);
}

/** Files that somebody chose on a page: the one that names the others, else the only one. */
function chosenFiles(where: string, files: readonly File[]): ByteSource {
  const beside = async (name: string): Promise<ByteSource> => {
    const file = files.find((each) => each.name === name);
    if (file) return blobSource(name, file, beside);
    throw new DataError(name, 'a file among those given', files.map((each) => each.name).join(', '));
  };
  const first = files.length === 1 ? files[0] : files.find(({ name }) => name.endsWith('.json'));
  if (first && files.every((file) => isKind<Blob>(file, 'Blob', 'File'))) return blobSource(first.name, first, beside);
  throw new ArgumentError(`${where}: source must be one File, or model.json and its shards, got ${files.length} files`);
}
