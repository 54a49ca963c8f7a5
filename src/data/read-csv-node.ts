import { dirname, resolve } from 'node:path';
import { type CsvOptions, eachRow, labelColumn, numbered, type PixelCsvOptions, parsePixelCsv } from './csv.js';
import { DataError, type ImageDataset } from './dataset.js';
import { type PictureFiles, type PictureFilesOptions, pictureFiles } from './picture-files-node.js';
import { readBytesUpTo } from './read-bytes-node.js';

/** Largest table that is read, unpacked: Kaggle's MNIST has 77 MB. */
const MAX_TABLE_BYTES = 2 ** 29;

/** Options of openCsv. */
export interface OpenCsvOptions extends CsvOptions, PictureFilesOptions {
  /** Column of the pictures' file names; default 'file', or the first column that is not the label's. */
  readonly file?: string;
  /** Folder that the names start from; default: the table's. Files outside of it are refused. */
  readonly folder?: string;
}

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
  const { file: fileColumn, folder = dirname(path), label, classNames: known, ...rest } = options;
  const table = readBytesUpTo(path, MAX_TABLE_BYTES);
  const paths: string[] = [];
  const names: string[] = [];
  let labelAt = 0;
  let fileAt = 0;
  eachRow(table, (cells, line) => {
    if (line === 1) {
      const header = cells.map((name) => name.trim());
      fileAt = header.indexOf(fileColumn ?? 'file');
      if (fileAt < 0 && fileColumn !== undefined) throw new DataError(path, `a column '${fileColumn}'`, header.join(', '));
      if (label !== undefined || header.includes('label')) labelAt = labelColumn(table, header, label);
      else labelAt = fileAt === 0 ? 1 : fileAt > 0 ? 0 : 1;
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

function inside(folder: string, name: string, where: string): string {
  const root = resolve(folder);
  const path = resolve(root, name);
  if (path.startsWith(root.endsWith('/') || root.endsWith('\\') ? root : `${root}${path[root.length] === '\\' ? '\\' : '/'}`))
    return path;
  throw new DataError(where, `a file in ${folder}`, `'${name}'`, 'name the folder of the pictures with the option folder');
}
