import { DataError } from '../../../data/dataset.js';
import { countOf, ITEM_BYTES, numbersOf } from '../numbers.js';
import { type Field, type Fields, signed } from '../protobuf/fields.js';
import { countVarints, unpackVarints } from '../protobuf/varints.js';
import type { StoredArray } from '../weight-file.js';

/** BlobProto's fields; `legacy` are the sizes of four axes that blobs had before they had shapes. */
const BLOB = { floats: 5, shape: 7, doubles: 8, legacy: [1, 2, 3, 4] };

/** Numbers of one blob, [1, ...] included: old files have four axes everywhere. */
export function readBlob(fields: Fields, bytes: Uint8Array, where: string): StoredArray {
  let shape: number[] | undefined;
  const legacy = [0, 0, 0, 0];
  const pieces: Uint8Array[] = [];
  let dtype: 'float32' | 'float64' = 'float32';
  for (const field of fields(bytes)) {
    if (field.id === BLOB.shape) shape = readShape(fields, field);
    else if (BLOB.legacy.includes(field.id)) legacy[field.id - 1] = signed(field);
    else if (field.id === BLOB.floats || field.id === BLOB.doubles) {
      dtype = field.id === BLOB.floats ? 'float32' : 'float64';
      pieces.push(field.bytes);
    }
  }
  const axes = shape ?? legacy;
  const count = countOf(axes);
  const raw = pieces.length === 1 ? (pieces[0] as Uint8Array) : joined(pieces);
  if (count === undefined || raw.length !== count * ITEM_BYTES[dtype]) {
    throw new DataError(where, `numbers for the shape [${axes}]`, `${raw.length / ITEM_BYTES[dtype]}`, 'the file is damaged');
  }
  return { shape: axes, dtype, data: numbersOf(raw, dtype) };
}

function readShape(fields: Fields, { bytes }: Field): number[] {
  const axes: number[] = [];
  for (const field of fields(bytes)) {
    if (field.id !== 1) continue;
    if (field.wire === 2) {
      const packed = new Uint8Array(8 * countVarints(field.bytes));
      unpackVarints(field.bytes, 8, packed, 0);
      for (const size of new BigInt64Array(packed.buffer)) axes.push(Number(size));
    } else {
      axes.push(signed(field));
    }
  }
  return axes;
}

/** Numbers that were not packed come one by one. */
function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
