import Papa from 'papaparse';
import { onlyKnown } from '../checks.js';
import { DataError, type ImageDataset, type NamedBytes } from './dataset.js';

/** Which columns of a table hold what; columns go by their names in the first line. */
export interface CsvOptions {
  /** Column of the classes; default 'label', or the first column where there is none of that name. */
  readonly label?: string;
  /** Names of the classes; default: those in the table, in order: of numbers by size, of words by the alphabet. */
  readonly classNames?: readonly string[];
}

/** Options of tables of pixels. */
export interface PixelCsvOptions extends CsvOptions {
  /** Default: the pictures are squares. */
  readonly height?: number;
  /** Default: the pictures are squares. */
  readonly width?: number;
  /** 1: grey (default), 3: RGB, the three values of a pixel beside each other. */
  readonly channels?: 1 | 3;
}

const OPTIONS: readonly (keyof PixelCsvOptions)[] = ['label', 'classNames', 'height', 'width', 'channels'];

/** A table's lines, one after another. @throws DataError naming line and reason, by what `each` throws */
export function eachRow(file: NamedBytes, each: (cells: string[], line: number) => void): void {
  const text = new TextDecoder().decode(file.bytes);
  let line = 0;
  let failure: unknown;
  Papa.parse<string[]>(text, {
    skipEmptyLines: true,
    step({ data, errors }, parser) {
      line++;
      try {
        const [error] = errors.filter(({ type }) => type !== 'Delimiter');
        if (error) throw new DataError(`${file.name}, line ${line}`, 'a line of a table', error.message);
        each(data, line);
      } catch (thrown) {
        failure = thrown;
        parser.abort();
      }
    },
  });
  if (failure !== undefined) throw failure;
  if (line < 2) throw new DataError(file.name, 'a line of names, then at least one of values', `${line} lines`);
}

/** The place of the labels' column. */
export function labelColumn(file: NamedBytes, header: readonly string[], wanted?: string): number {
  const column = header.indexOf(wanted ?? 'label');
  if (column < 0 && wanted !== undefined) {
    throw new DataError(file.name, `a column '${wanted}'`, header.slice(0, 10).join(', '));
  }
  return Math.max(0, column);
}

/** Classes by name as numbers. @throws DataError where a name is none of `known` */
export function numbered(
  file: NamedBytes,
  names: readonly string[],
  known?: readonly string[],
): { labels: Int32Array; classNames: readonly string[] } {
  const classNames = known ?? [...new Set(names)].sort(byNumberOrName);
  const placeOf = new Map(classNames.map((name, i) => [name, i]));
  // With names for 0, 1, 2, ... the table may have the numbers.
  if (known) for (const i of known.keys()) if (!placeOf.has(`${i}`)) placeOf.set(`${i}`, i);
  const labels = Int32Array.from(names, (name, i) => {
    const label = placeOf.get(name);
    if (label === undefined)
      throw new DataError(`${file.name}, line ${i + 2}`, `one of the classes ${classNames.join(', ')}`, `'${name}'`);
    return label;
  });
  return { labels, classNames };
}

function byNumberOrName(a: string, b: string): number {
  const difference = Number(a) - Number(b);
  if (!Number.isNaN(difference)) return difference;
  return a < b ? -1 : Number(a > b);
}

/**
 * Pictures out of a table with a column for each pixel, as Kaggle's MNIST has them: a line of names (`label,pixel0,pixel1,...`), then
 * one line a picture, values 0..255, rows from the top.
 *
 * @throws DataError naming the line and what is wrong with it
 */
export function parsePixelCsv(file: NamedBytes, sourceDescription: string, options: PixelCsvOptions = {}): ImageDataset {
  const { channels = 1 } = onlyKnown('parsePixelCsv', options, OPTIONS);
  const rows: Uint8Array[] = [];
  const names: string[] = [];
  let label = 0;
  let columns = 0;
  eachRow(file, (cells, line) => {
    if (line === 1) {
      label = labelColumn(file, cells, options.label);
      columns = cells.length;
      return;
    }
    const where = `${file.name}, line ${line}`;
    if (cells.length !== columns) throw new DataError(where, `${columns} values, as in the first line`, `${cells.length}`);
    names.push(cells[label]!.trim());
    rows.push(bytesOf(where, cells, label));
  });
  const { height, width } = sizeOf(file, columns - 1, channels, options);
  const images = new Uint8Array(rows.length * (columns - 1));
  rows.forEach((row, i) => void images.set(row, i * row.length));
  const { labels, classNames } = numbered(file, names, options.classNames);
  return { images, labels, count: rows.length, height, width, channels, classNames, sourceDescription };
}

function bytesOf(where: string, cells: readonly string[], label: number): Uint8Array {
  const bytes = new Uint8Array(cells.length - 1);
  let at = 0;
  cells.forEach((cell, column) => {
    if (column === label) return;
    const value = Number(cell);
    if (!(Number.isInteger(value) && value >= 0 && value <= 255) || cell.trim() === '') {
      throw new DataError(where, 'whole numbers 0..255', `'${cell.slice(0, 40)}' in column ${column + 1}`);
    }
    bytes[at++] = value;
  });
  return bytes;
}

function sizeOf(file: NamedBytes, values: number, channels: number, { height, width }: PixelCsvOptions) {
  const side = Math.sqrt(values / channels);
  const size = {
    height: height ?? (width ? values / channels / width : side),
    width: width ?? (height ? values / channels / height : side),
  };
  const fits = Number.isInteger(size.height) && Number.isInteger(size.width) && size.height * size.width * channels === values;
  if (fits && values > 0) return size;
  const expected =
    height || width
      ? `columns for ${height ?? '?'} x ${width ?? '?'} x ${channels} pixels`
      : `columns for a square of ${channels} channels`;
  throw new DataError(file.name, `${expected} beside the label`, `${values}`, 'give height, width and channels');
}
