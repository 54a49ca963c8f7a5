import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CIFAR10, CIFAR100, type CifarVariant, parseCifar } from './cifar.js';
import { parseCifarNames, parseCifarPython } from './cifar-python.js';
import { DataError, type DatasetSplit, type NamedBytes } from './dataset.js';
import { readBytesUpTo } from './read-bytes-node.js';

/** Largest batch that is read: a whole CIFAR part is 184 MB. */
const MAX_BATCH_BYTES = 2 ** 29;

/** What the files of a version are called. */
interface Version {
  readonly train: RegExp;
  readonly test: RegExp;
}

const BINARY: Version = { train: /^(data_batch|train).*\.bin(\.gz)?$/, test: /^test.*\.bin(\.gz)?$/ };
const PYTHON: Version = { train: /^(data_batch_\d+|train)$/, test: /^(test_batch|test)$/ };

/** CIFAR-100's training part is one file, CIFAR-10's several batches; undefined where there are no batches. */
export function cifarVariantOf(folder: string): 'cifar10' | 'cifar100' | undefined {
  const version = versionIn(folder);
  if (!version) return undefined;
  return filesOf(folder, version.train).some((name) => /^train(\.bin(\.gz)?)?$/.test(name)) ? 'cifar100' : 'cifar10';
}

/**
 * Reads CIFAR-10: `data_batch_*.bin` or `train*.bin`, and `test*.bin`, gzipped or not, or the python version's `data_batch_*` and
 * `test_batch`, of which nothing is run.
 */
export function readCifar10(folder: string): DatasetSplit {
  return readCifar(folder, CIFAR10, 'batches.meta');
}

/** Reads CIFAR-100 with its 100 fine labels: `train.bin` and `test.bin`, gzipped or not, or the python version's `train` and `test`. */
export function readCifar100(folder: string): DatasetSplit {
  return readCifar(folder, CIFAR100, 'meta');
}

function versionIn(folder: string): Version | undefined {
  return [BINARY, PYTHON].find(({ train, test }) => filesOf(folder, train).length > 0 && filesOf(folder, test).length > 0);
}

function readCifar(folder: string, variant: CifarVariant, meta: string): DatasetSplit {
  const version = versionIn(folder) ?? BINARY;
  const parse = version === PYTHON ? parseCifarPython : parseCifar;
  const classNames = version === PYTHON ? namesInMeta(join(folder, meta), variant) : namesInText(folder, variant);
  const part = (pattern: RegExp) => {
    const names = filesOf(folder, pattern);
    if (names.length === 0) throw new DataError(folder, `CIFAR batches named like ${pattern.source}`, 'none');
    const files = names.map((name): NamedBytes => readBytesUpTo(join(folder, name), MAX_BATCH_BYTES));
    return parse(files, variant, folder, classNames);
  };
  return { train: part(version.train), test: part(version.test) };
}

/** Class folders may be called 'train' and 'test', too: files only. */
function filesOf(folder: string, pattern: RegExp): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && pattern.test(entry.name))
    .map(({ name }) => name)
    .sort();
}

function namesInMeta(path: string, variant: CifarVariant): string[] | undefined {
  return existsSync(path) ? parseCifarNames(readBytesUpTo(path, MAX_BATCH_BYTES), variant) : undefined;
}

function namesInText(folder: string, { classes }: CifarVariant): string[] | undefined {
  const path = join(folder, classes === 10 ? 'batches.meta.txt' : 'fine_label_names.txt');
  if (!existsSync(path)) return undefined;
  const names = readFileSync(path, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  if (names.length !== classes) throw new DataError(path, `${classes} class names`, `${names.length}`);
  return names;
}
