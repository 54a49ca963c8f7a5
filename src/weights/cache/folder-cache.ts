/** Fetched files in a folder, in Node. */
import { cacheFolder } from '../../cache-folder.js';
import { nodeModule } from '../../node-module.js';
import type { CacheOptions } from './cache-options.js';
import { download, expectChecksum } from './download.js';

/** Node's modules that a folder needs. */
interface Node {
  readonly fs: typeof import('node:fs');
  readonly crypto: typeof import('node:crypto');
  readonly path: typeof import('node:path');
}

/** Undefined outside of Node. */
export function nodeModules(): Node | undefined {
  const [fs, crypto, path] = ['fs', 'crypto', 'path'].map((name) => nodeModule(`node:${name}`));
  return fs && crypto && path ? ({ fs, crypto, path } as Node) : undefined;
}

/** A file that nobody has written to for so long (milliseconds) is what a process left that was killed. */
const LONGEST_WRITE = 3_600_000;

/** `weights` in the package's cache. */
export function defaultFolder({ path }: Node): string {
  return path.join(cacheFolder()!, 'weights');
}

/**
 * The path of a file that holds what is at an address: files of one folder there lie in one folder here, under their names. A file appears
 * only when it is whole, with its checksum beside it; one that does not have its checksum any more is fetched again.
 *
 * @throws DataError where it cannot be had, or has another checksum than was asked for; the system's error where it cannot be written
 */
export async function fileInFolder(node: Node, folder: string, url: URL, options: CacheOptions): Promise<string> {
  const { fs, crypto, path } = node;
  const at = url.pathname.lastIndexOf('/');
  const parent = `${url.origin}${url.pathname.slice(0, at)}${url.search}`;
  const own = path.join(folder, crypto.createHash('sha256').update(parent).digest('hex').slice(0, 16));
  const name = fileName(url.pathname.slice(at + 1));
  const file = path.join(own, name);
  const checksum = `${file}.sha256`;
  const known = await kept(node, file, checksum);
  if (known !== undefined && (options.sha256 === undefined || known === options.sha256)) return file;
  await fs.promises.mkdir(own, { recursive: true });
  await removeLeftParts(node, own);
  const part = path.join(own, `${name}.${process.pid}-${crypto.randomBytes(4).toString('hex')}.part`);
  try {
    const handle = await fs.promises.open(part, 'wx');
    const hash = crypto.createHash('sha256');
    try {
      const take = async (piece: Uint8Array) => {
        hash.update(piece);
        await handle.writeFile(piece);
      };
      await download(url.href, take, options);
      await handle.sync();
    } finally {
      await handle.close();
    }
    const found = hash.digest('hex');
    expectChecksum(url.href, found, options.sha256);
    // Whatever ends this between the two renames leaves a file without its checksum, which counts as none.
    await fs.promises.rm(checksum, { force: true });
    await fs.promises.rename(part, file);
    await fs.promises.writeFile(part, found);
    await fs.promises.rename(part, checksum);
  } catch (error) {
    await fs.promises.rm(part, { force: true });
    throw error;
  }
  return file;
}

/** The checksum of a file that still has it. */
async function kept({ fs, crypto }: Node, file: string, checksum: string): Promise<string | undefined> {
  try {
    const said = (await fs.promises.readFile(checksum, 'utf8')).trim();
    const hash = crypto.createHash('sha256');
    for await (const piece of fs.createReadStream(file)) hash.update(piece as Uint8Array);
    return hash.digest('hex') === said ? said : undefined;
  } catch {
    return undefined;
  }
}

/** Nothing that could lead out of the folder, or be taken for one of the cache's own files. */
function fileName(last: string): string {
  const plain = decoded(last)
    .replace(/[^\w.\- ]/g, '_')
    .slice(-100);
  return /^\.*$|\.(part|sha256)$/.test(plain) ? `file_${plain}` : plain;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function removeLeftParts({ fs, path }: Node, folder: string): Promise<void> {
  for (const name of await fs.promises.readdir(folder)) {
    if (!name.endsWith('.part')) continue;
    const file = path.join(folder, name);
    const written = await fs.promises.stat(file).then(
      ({ mtimeMs }) => mtimeMs,
      () => Infinity,
    );
    if (written < Date.now() - LONGEST_WRITE) await fs.promises.rm(file, { force: true });
  }
}
