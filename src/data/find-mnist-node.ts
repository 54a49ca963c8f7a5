import { homedir } from 'node:os';
import { join } from 'node:path';
import { DataError, type DatasetSplit } from './dataset.js';
import { DownloadError, type DownloadOptions, downloadFiles } from './download-node.js';
import { MNIST_FILES, MNIST_MIRRORS, type RemoteFile } from './mnist-mirrors.js';
import { hasMnist, readMnist } from './read-mnist-node.js';

/** Options of findMnist. */
export interface FindMnistOptions extends DownloadOptions {
  /** Default: the process's environment (TFJS_CNN_DATA, XDG_CACHE_HOME). */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Default: MNIST_MIRRORS. */
  readonly mirrors?: readonly string[];
  /** Default: MNIST_FILES. */
  readonly files?: readonly RemoteFile[];
  /** Called with each thing worth telling: what is missing, damaged, downloaded. */
  readonly onNotice?: (message: string) => void;
}

/** Where downloaded data are kept: `tfjs-cnn` in XDG_CACHE_HOME, or in `~/.cache`. */
export function cacheFolder(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  return join(environment['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'tfjs-cnn');
}

/** The folder itself or its subfolder `mnist`, whichever holds the four files. */
export function mnistFolderIn(folder: string): string | undefined {
  return [folder, join(folder, 'mnist')].find(hasMnist);
}

/**
 * MNIST from the folder in TFJS_CNN_DATA, from the cache, or from the web (11 MB, kept in the cache);
 * undefined where none of them has it.
 */
export async function findMnist(options: FindMnistOptions = {}): Promise<DatasetSplit | undefined> {
  const { environment = process.env, onNotice = () => undefined } = options;
  const named = environment['TFJS_CNN_DATA'];
  if (named) {
    const folder = mnistFolderIn(named);
    if (folder) return readMnist(folder);
    onNotice(`TFJS_CNN_DATA names ${named}, which has no MNIST files`);
  }
  const cache = join(cacheFolder(environment), 'mnist');
  return readCache(cache, onNotice) ?? download(cache, options, onNotice);
}

function readCache(folder: string, onNotice: (message: string) => void): DatasetSplit | undefined {
  if (!hasMnist(folder)) return undefined;
  try {
    return readMnist(folder);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    onNotice(`the cached MNIST is damaged (${error.message})`);
    return undefined;
  }
}

async function download(
  folder: string,
  options: FindMnistOptions,
  onNotice: (message: string) => void,
): Promise<DatasetSplit | undefined> {
  const { mirrors = MNIST_MIRRORS, files = MNIST_FILES } = options;
  onNotice(`downloading MNIST (11 MB) to ${folder}`);
  try {
    await downloadFiles(files, mirrors, folder, options);
    return readMnist(folder);
  } catch (error) {
    const isSystemError = error instanceof Error && 'syscall' in error;
    if (!(error instanceof DownloadError) && !isSystemError) throw error;
    onNotice(`MNIST cannot be had: ${error.message}`);
    return undefined;
  }
}
