import { isRecord } from '../../checks.js';
import type { WeightSource } from '../formats/open-source.js';
import { type CacheOptions, checkCacheOptions } from './cache-options.js';
import { defaultFolder, fileInFolder, nodeModules } from './folder-cache.js';
import { expectLocalChecksum } from './local-checksum.js';
import { bytesInPage, fetchBytes } from './page-cache.js';

const PAGE_CACHE = 'tfjs-cnn-weights';

/**
 * A source of weights that can be read at once: what an address names is fetched, or taken from the cache. The shards that a model.json
 * names are fetched with it.
 *
 * @returns the source itself where it is no address
 * @throws ArgumentError where sha256 is asked of what is no address; as the caches do
 */
export async function cached(where: string, source: WeightSource, options: CacheOptions): Promise<WeightSource> {
  const checked = checkCacheOptions(where, options);
  const node = nodeModules();
  const url = addressOf(source, node !== undefined);
  if (!url) {
    if (checked.sha256 !== undefined) await expectLocalChecksum(where, source, checked.sha256);
    return source;
  }
  const { cacheDir } = checked;
  if (cacheDir === false && !url.pathname.endsWith('.json')) return fileOf(await fetchBytes(url, checked), url.href);
  // Whoever keeps nothing and has shards to fetch: the reader does it.
  if (cacheDir === false) return source;
  if (node) {
    const folder = cacheDir ?? defaultFolder(node);
    const file = await fileInFolder(node, folder, url, checked);
    if (url.pathname.endsWith('.json')) {
      for (const shard of shardsIn(await node.fs.promises.readFile(file))) {
        await fileInFolder(node, folder, shardAddress(url, shard), { ...checked, sha256: undefined });
      }
    }
    return file;
  }
  const name = cacheDir ?? PAGE_CACHE;
  const bytes = await bytesInPage(name, url, checked);
  if (!url.pathname.endsWith('.json')) return fileOf(bytes, url.href);
  const files = [fileOf(bytes, 'model.json')];
  for (const shard of shardsIn(bytes)) {
    const part = await bytesInPage(name, shardAddress(url, shard), { ...checked, sha256: undefined });
    files.push(fileOf(part, shard));
  }
  return files;
}

/** Of what is fetched; on a page whatever is no address of another kind is one, too. */
function addressOf(source: WeightSource, paths: boolean): URL | undefined {
  const text = source instanceof URL ? source.href : source;
  if (typeof text !== 'string') return undefined;
  if (/^https?:/.test(text)) return new URL(text);
  return paths || /^(data|blob|file):/.test(text) ? undefined : new URL(text, globalThis.location?.href);
}

/** Bytes under a name that errors can call them by. */
function fileOf(bytes: Uint8Array, name: string): File {
  return new File([bytes as Uint8Array<ArrayBuffer>], name);
}

function shardAddress(url: URL, shard: string): URL {
  const address = new URL(encodeURIComponent(shard), url);
  address.search = url.search;
  return address;
}

/** Names of files that a model.json wants beside it; the reader says what is wrong with it otherwise. */
function shardsIn(bytes: Uint8Array): string[] {
  try {
    const { weightsManifest } = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
    const groups = Array.isArray(weightsManifest) ? weightsManifest : [];
    const paths = groups.flatMap((group: unknown) => (isRecord(group) && Array.isArray(group['paths']) ? group['paths'] : []));
    return paths.filter((path): path is string => typeof path === 'string' && !/[/\\]|^\.*$/.test(path));
  } catch {
    return [];
  }
}
