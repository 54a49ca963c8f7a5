import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DataError, type DatasetSplit, type ImageDataset } from './dataset.js';
import { readIdxHeader } from './idx.js';
import { FASHION_CLASSES, parseMnist } from './mnist.js';
import { readBytes } from './read-bytes-node.js';

/** The spellings under which MNIST's files go around. */
function spellings(stem: string, kind: string): string[] {
  return [`${stem}-${kind}.gz`, `${stem}-${kind}`, `${stem}.${kind}`, `${stem}.${kind}.gz`];
}

const PARTS = {
  train: { images: spellings('train-images', 'idx3-ubyte'), labels: spellings('train-labels', 'idx1-ubyte') },
  test: { images: spellings('t10k-images', 'idx3-ubyte'), labels: spellings('t10k-labels', 'idx1-ubyte') },
};

/** True where a folder holds the four files, in any of their spellings. */
export function hasMnist(folder: string): boolean {
  return Object.values(PARTS).every(({ images, labels }) => [images, labels].every((names) => find(folder, names) !== undefined));
}

/**
 * Reads MNIST, or a set of the same format, from a folder with the four idx files, gzipped or not.
 * A folder with "fashion" in its path gets Fashion-MNIST's class names.
 *
 * @throws DataError naming the file, what was expected and what was found
 */
export function readMnist(folder: string): DatasetSplit {
  return { train: readPart(folder, PARTS.train), test: readPart(folder, PARTS.test) };
}

function readPart(folder: string, { images, labels }: { images: string[]; labels: string[] }): ImageDataset {
  return parseMnist(
    readIdx(folder, images, 3),
    readIdx(folder, labels, 1),
    folder,
    /fashion/i.test(folder) ? FASHION_CLASSES : undefined,
  );
}

function readIdx(folder: string, names: string[], dimensions: number) {
  const path = find(folder, names);
  if (!path) throw new DataError(folder, `a file ${names.join(' or ')}`, 'none of them');
  return readBytes(path, (head) => readIdxHeader(head, dimensions, path).fileBytes);
}

function find(folder: string, names: string[]): string | undefined {
  return names.map((name) => join(folder, name)).find((path) => existsSync(path));
}
