import { nodeModule } from './node-module.js';

/** Where what was fetched or found out is kept, in Node: `tfjs-cnn` in XDG_CACHE_HOME, or in `~/.cache`; undefined elsewhere. */
export function cacheFolder(): string | undefined {
  const path = nodeModule<typeof import('node:path')>('node:path');
  const os = nodeModule<typeof import('node:os')>('node:os');
  return path && os && path.join(process.env['XDG_CACHE_HOME'] || path.join(os.homedir(), '.cache'), 'tfjs-cnn');
}
