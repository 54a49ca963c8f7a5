/** One array of numpy: a magic, a version, a header (a dictionary as Python writes it), the numbers. Source: numpy/lib/format.py. */

import { DataError } from '../../../data/dataset.js';
import { countOf, ITEM_BYTES, numbersOf } from '../numbers.js';
import { NUMPY_TYPES } from '../numpy-types.js';
import { columnMajor, gathered } from '../strided.js';
import type { StoredArray, StoredType } from '../weight-file.js';

const MAGIC = '\x93NUMPY';
/** Longer ones describe records of many fields. */
const LONGEST_HEADER = 65536;

/** The array, or the name of its type where that is none of weights: texts, objects, unsigned numbers. @throws DataError where it is damaged */
export function readNpy(bytes: Uint8Array, source: string): StoredArray | string {
  const { header, begin } = headerOf(bytes, source);
  const descr = /'descr': *'([^']*)'/.exec(header)?.[1];
  const order = /'fortran_order': *(True|False)/.exec(header)?.[1];
  const sizes = /'shape': *\(([\d, L]*)\)/.exec(header)?.[1];
  if (order === undefined || sizes === undefined) throw new DataError(source, 'an array of numpy', 'a damaged header');
  const code = descr?.slice(1) ?? '';
  if (!descr || !/^[<>|=]/.test(descr) || !Object.hasOwn(NUMPY_TYPES, code)) return descr ?? 'records';
  const dtype = NUMPY_TYPES[code]!;
  const shape = sizes.split(',').flatMap((size) => (size.trim() === '' ? [] : [Number(size.replace('L', ''))]));
  const count = countOf(shape);
  if (count === undefined || count * ITEM_BYTES[dtype] !== bytes.length - begin) {
    throw new DataError(source, `[${shape.join(', ')}] numbers of ${dtype}`, `${bytes.length - begin} bytes`);
  }
  const data = numbersOf(bytes.subarray(begin), dtype, descr.startsWith('>'));
  const turned = order === 'True' && shape.length > 1;
  return { shape, dtype, data: turned ? gathered(data, shape, columnMajor(shape)) : data };
}

function headerOf(bytes: Uint8Array, source: string): { header: string; begin: number } {
  const head = String.fromCharCode(...bytes.subarray(0, 8));
  const version = bytes[6] ?? 0;
  const lengthBytes = version === 1 ? 2 : 4;
  if (!head.startsWith(MAGIC) || version < 1 || version > 3 || bytes.length < 8 + lengthBytes) {
    throw new DataError(source, "an array of numpy, which begins with '\\x93NUMPY'", 'something else');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const begin = 8 + lengthBytes + length;
  if (length > LONGEST_HEADER || begin > bytes.length)
    throw new DataError(source, `a header of ${length} bytes`, `${bytes.length} in all`);
  return { header: new TextDecoder().decode(bytes.slice(8 + lengthBytes, begin)), begin };
}

const CODES: Readonly<Record<StoredType, string>> = {
  float64: '<f8',
  float32: '<f4',
  float16: '<f2',
  // numpy has none: float32 holds it exactly.
  bfloat16: '<f4',
  int64: '<i8',
  int32: '<i4',
  int16: '<i2',
  int8: '|i1',
  uint8: '|u1',
  bool: '|b1',
};

/** What stands before an array's numbers, whose type is narrowed as little as `CODES` says. */
export function npyHeader({ shape, dtype }: Pick<StoredArray, 'shape' | 'dtype'>): Uint8Array {
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${CODES[dtype]}', 'fortran_order': False, 'shape': (${tuple}), }`;
  // Numbers begin at a multiple of 64, behind an end of line.
  const length = 64 * Math.ceil((10 + text.length + 1) / 64);
  const header = new Uint8Array(length).fill(' '.charCodeAt(0));
  header.set(Uint8Array.from(`${MAGIC}\x01\x00`, (character) => character.charCodeAt(0)));
  new DataView(header.buffer).setUint16(8, length - 10, true);
  header.set(new TextEncoder().encode(text), 10);
  header[length - 1] = 10;
  return header;
}
