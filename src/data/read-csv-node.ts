import { readdirSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { onlyKnown } from '../checks.js';
import { type CsvOptions, eachRow, labelColumn, numbered, type PixelCsvOptions, parsePixelCsv } from './csv.js';
import { DataError, type DatasetSplit, type ImageDataset, selectFromDataset } from './dataset.js';
import { PICTURE_FILES_OPTIONS, type PictureFiles, type PictureFilesOptions, pictureFiles } from './picture-files-node.js';
import { readBytesUpTo } from './read-bytes-node.js';
import { stratifiedSplit } from './splits.js';

/** Largest table that is read, unpacked: Kaggle's MNIST has 77 MB. */
const MAX_TABLE_BYTES = 2 ** 29;

/** Options of openCsv. */
export interface OpenCsvOptions extends CsvOptions, PictureFilesOptions {
  /** Column of the pictures' file names; default 'file', or the first column that is not the label's. Labels: 'label', or the last. */
  readonly file?: string;
  /** Folder that the names start from; default: the table's. Files outside of it are refused. */
  readonly folder?: string;
}

const OPTIONS: readonly (keyof OpenCsvOptions)[] = [...PICTURE_FILES_OPTIONS, 'file', 'folder', 'label', 'classNames'];

/**
 * Reads a table with a column for each pixel, as Kaggle's MNIST has them; gzipped or not.
 *
 * @throws DataError naming the line and what is wrong with it
 */
export function readPixelCsv(path: string, options?: PixelCsvOptions): ImageDataset {
  return parsePixelCsv(readBytesUpTo(path, MAX_TABLE_BYTES), path, options);
}

/**
 * Opens the pictures that a table names: a line of column names (`file,label`), then one line a picture. They are decoded when they are
 * needed.
 *
 * @throws DataError naming the line and what is wrong with it
 */
export function openCsv(path: string, options: OpenCsvOptions = {}): PictureFiles {
  const { file: fileColumn, folder = dirname(path), label, classNames: known, ...rest } = onlyKnown('openCsv', options, OPTIONS);
  const table = readBytesUpTo(path, MAX_TABLE_BYTES);
  const paths: string[] = [];
  const names: string[] = [];
  let labelAt = 0;
  let fileAt = 0;
  eachRow(table, (cells, line) => {
    if (line === 1) {
      const header = cells.map((name) => name.trim());
      labelAt = labelColumn(table, header, label ?? (header.includes('label') ? 'label' : header.at(-1)));
      fileAt = header.indexOf(fileColumn ?? 'file');
      if (fileAt < 0 && fileColumn !== undefined) throw new DataError(path, `a column '${fileColumn}'`, header.join(', '));
      if (fileAt < 0) fileAt = labelAt === 0 ? 1 : 0;
      return;
    }
    const name = cells[fileAt]?.trim();
    if (!name || cells[labelAt] === undefined)
      throw new DataError(`${path}, line ${line}`, 'a file and a label', cells.join(', '));
    paths.push(inside(folder, name, `${path}, line ${line}`));
    names.push(cells[labelAt]!.trim());
  });
  const { labels, classNames } = numbered(table, names, known);
  return pictureFiles({ paths, labels, classNames, sourceDescription: path }, rest);
}

/** True where a folder holds a table to learn from: `train.csv`, `mnist_train.csv`, ..., gzipped or not. */
export function hasCsv(folder: string): boolean {
  return tableIn(folder, TRAIN_TABLE) !== undefined;
}

/**
 * Reads tables of pixels: one to learn from, and one to measure on beside it. Without that, or where it has no labels (as Kaggle's),
 * every fifth picture of a class, drawn by the seed, becomes the test part.
 */
export function readCsvFolder(folder: string, { seed = 1, ...options }: PixelCsvOptions & { seed?: number } = {}): DatasetSplit {
  const trainTable = tableIn(folder, TRAIN_TABLE);
  if (!trainTable) throw new DataError(folder, `a table named like ${TRAIN_TABLE.source}`, 'none');
  const whole = readPixelCsv(trainTable, options);
  const testTable = tableIn(folder, TEST_TABLE);
  const pixels = whole.height * whole.width * whole.channels;
  if (testTable && columnsOf(testTable) === pixels + 1) {
    return { train: whole, test: readPixelCsv(testTable, { ...options, classNames: whole.classNames }) };
  }
  const [train, test] = stratifiedSplit(whole.labels, [0.8, 0.2], seed);
  return { train: selectFromDataset(whole, train!), test: selectFromDataset(whole, test!) };
}

const TRAIN_TABLE = /train.*\.csv(\.gz)?$/i;
const TEST_TABLE = /test.*\.csv(\.gz)?$/i;

function tableIn(folder: string, pattern: RegExp): string | undefined {
  const name = readdirSync(folder)
    .sort()
    .find((each) => pattern.test(each));
  return name === undefined ? undefined : join(folder, name);
}

function columnsOf(path: string): number {
  const { bytes } = readBytesUpTo(path, MAX_TABLE_BYTES);
  const end = bytes.indexOf(10);
  return new TextDecoder().decode(bytes.subarray(0, end < 0 ? undefined : end)).split(',').length;
}

function inside(folder: string, name: string, where: string): string {
  const path = resolve(folder, name);
  const way = relative(resolve(folder), path);
  if (!way.startsWith('..') && !isAbsolute(way)) return path;
  throw new DataError(where, `a file in ${folder}`, `'${name}'`, 'name the folder of the pictures with the option folder');
}
