import { onlyKnown, refuse, shown } from '../../checks.js';
import { ArgumentError } from '../../geometry.js';

/** Options of what is fetched from an address and kept. */
export interface CacheOptions {
  /**
   * Where fetched files are kept, in Node: a folder; default `tfjs-cnn/weights` in XDG_CACHE_HOME or in `~/.cache`. In browsers: the name of
   * the page's cache; default 'tfjs-cnn-weights'. false: nothing is kept.
   */
  readonly cacheDir?: string | false | undefined;
  /** Of the file's contents, 64 hexadecimal digits: other contents are an error. Default: whatever comes. */
  readonly sha256?: string | undefined;
  /** Ends the download; its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** Called with the bytes that have come so far and, where the server tells, how many there will be. */
  readonly onProgress?: ((bytes: number, of: number | undefined) => void) | undefined;
}

export const CACHE_OPTIONS = ['cacheDir', 'sha256', 'signal', 'onProgress'] as const;

/** @throws ArgumentError naming the option, what is valid, and what came */
export function checkCacheOptions(where: string, options: CacheOptions): CacheOptions {
  onlyKnown(where, options, CACHE_OPTIONS);
  const { cacheDir, sha256 } = options;
  if (cacheDir !== undefined && cacheDir !== false && (typeof cacheDir !== 'string' || cacheDir === '')) {
    refuse(where, 'cacheDir', 'a folder, or false', cacheDir);
  }
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/i.test(sha256)) {
    throw new ArgumentError(`${where}: sha256 must be 64 hexadecimal digits, got ${shown(sha256)}`);
  }
  return { ...options, sha256: sha256?.toLowerCase() };
}
