import type { UnsignedType } from '../unsigned.js';
import type { StoredType } from '../weight-file.js';
import type { Cursor } from './cursor.js';

/** What the elements of an array are. */
export type Datatype =
  | { readonly kind: 'number'; readonly size: number; readonly dtype: NumberType; readonly bigEndian: boolean }
  | { readonly kind: 'text'; readonly size: number }
  /** Texts of any lengths, kept in a heap. */
  | { readonly kind: 'texts'; readonly size: number }
  | { readonly kind: 'other'; readonly size: number; readonly what: string };

/** Numbers, also those that have no name among StoredType. */
export type NumberType = StoredType | UnsignedType;

const CLASSES = ['integers', 'floats', 'times', 'texts', 'bits', 'opaque bytes', 'records', 'references', 'an enumeration'];

/** Reads a datatype message. */
export function readDatatype(cursor: Cursor): Datatype {
  const { file } = cursor;
  file.visit(cursor.at);
  const head = cursor.u8();
  const version = head >> 4;
  const bits = cursor.uint(3);
  const size = cursor.u32();
  switch (head & 15) {
    case 0:
      cursor.skip(4);
      return integer(size, (bits & 8) !== 0, (bits & 1) !== 0);
    case 1:
      return float(cursor, size, (bits & 1) !== 0);
    case 3:
      return { kind: 'text', size };
    case 8:
      return enumeration(cursor, version, bits & 0xffff, size);
    case 9:
      return (bits & 15) === 1 ? { kind: 'texts', size } : { kind: 'other', size, what: 'lists of several lengths' };
    default:
      return { kind: 'other', size, what: CLASSES[head & 15] ?? `class ${head & 15}` };
  }
}

function integer(size: number, signed: boolean, bigEndian: boolean): Datatype {
  const dtype = ({ 1: 'int8', 2: 'int16', 4: 'int32', 8: 'int64' } as const)[size];
  if (!dtype) return { kind: 'other', size, what: `integers of ${size} bytes` };
  return { kind: 'number', size, dtype: signed ? dtype : `u${dtype}`, bigEndian };
}

function float(cursor: Cursor, size: number, bigEndian: boolean): Datatype {
  cursor.skip(5);
  const exponentBits = cursor.u8();
  cursor.skip(6);
  const names: Readonly<Record<string, StoredType>> = {
    '2,5': 'float16',
    '2,8': 'bfloat16',
    '4,8': 'float32',
    '8,11': 'float64',
  };
  const dtype = names[`${size},${exponentBits}`];
  if (!dtype) return { kind: 'other', size, what: `floats of ${size} bytes with ${exponentBits} of exponent` };
  return { kind: 'number', size, dtype, bigEndian };
}

/** NumPy's truth values are an enumeration of FALSE and TRUE. */
function enumeration(cursor: Cursor, version: number, members: number, size: number): Datatype {
  readDatatype(cursor);
  const names: string[] = [];
  for (let i = 0; i < Math.min(members, 2); i++) {
    const from = cursor.at;
    names.push(cursor.zeroEnded());
    if (version < 3) cursor.skip((8 - ((cursor.at - from) % 8)) % 8);
  }
  if (size === 1 && members === 2 && names.join() === 'FALSE,TRUE')
    return { kind: 'number', size, dtype: 'bool', bigEndian: false };
  return { kind: 'other', size, what: CLASSES[8] as string };
}

/** Sizes of an array; undefined where it is said to have no elements at all (HDF5's null). */
export function readDataspace(cursor: Cursor): readonly number[] | undefined {
  const { file } = cursor;
  const at = cursor.at;
  const version = cursor.u8();
  const rank = cursor.u8();
  cursor.skip(1);
  if (version === 1) cursor.skip(5);
  else if (version !== 2)
    file.fail(at, 'version 1 or 2 of a shape', `${version}`, 'the file is damaged, or newer than this reader');
  else if (cursor.u8() === 2) return undefined;
  if (rank > 32) file.fail(at, 'at most 32 axes', `${rank}`, 'the file is damaged');
  return Array.from({ length: rank }, () => cursor.length());
}
