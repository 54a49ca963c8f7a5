import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CIFAR10, CIFAR100, type CifarVariant, parseCifar } from './cifar.js';
import { DataError, type DatasetSplit, type ImageDataset } from './dataset.js';
import { readBytesUpTo } from './read-bytes-node.js';

/** Largest batch that is read: a whole CIFAR part is 184 MB. */
const MAX_BATCH_BYTES = 2 ** 29;

const TEST_BATCH = /^test.*\.bin(\.gz)?$/;
const TRAIN_BATCH = /^(data_batch|train).*\.bin(\.gz)?$/;

/** CIFAR-100's training part is one file, CIFAR-10's several batches; undefined where there are no batches. */
export function cifarVariantOf(folder: string): 'cifar10' | 'cifar100' | undefined {
  const names = readdirSync(folder);
  if (!names.some((name) => TRAIN_BATCH.test(name)) || !names.some((name) => TEST_BATCH.test(name))) return undefined;
  return names.some((name) => /^train\.bin(\.gz)?$/.test(name)) ? 'cifar100' : 'cifar10';
}

/** Reads CIFAR-10 in its binary version: `data_batch_*.bin` or `train*.bin`, and `test*.bin`, gzipped or not. */
export function readCifar10(folder: string): DatasetSplit {
  return readCifar(folder, CIFAR10, 'batches.meta.txt');
}

/** Reads CIFAR-100 in its binary version, with its 100 fine labels: `train.bin` and `test.bin`, gzipped or not. */
export function readCifar100(folder: string): DatasetSplit {
  return readCifar(folder, CIFAR100, 'fine_label_names.txt');
}

function readCifar(folder: string, variant: CifarVariant, namesFile: string): DatasetSplit {
  const classNames = readClassNames(join(folder, namesFile), variant.classes);
  const part = (pattern: RegExp): ImageDataset => {
    const names = readdirSync(folder)
      .filter((name) => pattern.test(name))
      .sort();
    if (names.length === 0) throw new DataError(folder, `CIFAR batches named like ${pattern.source}`, 'none');
    const files = names.map((name) => readBytesUpTo(join(folder, name), MAX_BATCH_BYTES));
    return parseCifar(files, variant, folder, classNames);
  };
  return { train: part(TRAIN_BATCH), test: part(TEST_BATCH) };
}

function readClassNames(path: string, classes: number): string[] | undefined {
  if (!existsSync(path)) return undefined;
  const names = readFileSync(path, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  if (names.length !== classes) throw new DataError(path, `${classes} class names`, `${names.length}`);
  return names;
}
