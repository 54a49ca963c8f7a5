import { DataError } from '../../../data/dataset.js';
import { countOf, ITEM_BYTES, numbersOf } from '../numbers.js';
import { type Field, type Fields, signed, text } from '../protobuf/fields.js';
import { countVarints, unpackVarints } from '../protobuf/varints.js';
import { isUnsigned, type UnsignedType, WIDER, widened } from '../unsigned.js';
import type { StoredArray, StoredType } from '../weight-file.js';

/** TensorProto.DataType. Source: onnx.proto of the ONNX project. */
const TYPES: Readonly<Record<number, StoredType | UnsignedType>> = {
  1: 'float32',
  2: 'uint8',
  3: 'int8',
  4: 'uint16',
  5: 'int16',
  6: 'int32',
  7: 'int64',
  9: 'bool',
  10: 'float16',
  11: 'float64',
  12: 'uint32',
  13: 'uint64',
  16: 'bfloat16',
};

const OTHERS: Readonly<Record<number, string>> = { 8: 'texts', 14: 'complex64', 15: 'complex128' };

/** Numbers of TensorProto's fields. */
const FIELD = { dims: 1, type: 2, name: 8, external: 13, place: 14 };
/** Where numbers are: float_data, int32_data, int64_data, raw_data, double_data, uint64_data; each may come in pieces. */
const NUMBERS = [4, 5, 7, 9, 10, 11];

/** A tensor's name and numbers; a text in place of the numbers says what it holds that is no weight. */
export function readTensor(fields: Fields, bytes: Uint8Array, source: string): { name: string; array: StoredArray | string } {
  const [dims, numbers]: [Field[], Field[]] = [[], []];
  let [type, name, external] = [0, '', false];
  for (const field of fields(bytes)) {
    if (field.id === FIELD.dims) dims.push(field);
    else if (field.id === FIELD.type) type = signed(field);
    else if (field.id === FIELD.name) name = text(field);
    else if (field.id === FIELD.external || field.id === FIELD.place) external ||= field.wire === 2 || field.bits === 1n;
    else if (NUMBERS.includes(field.id)) numbers.push(field);
  }
  const where = `${source}, tensor '${name}'`;
  const dtype = TYPES[type];
  if (dtype === undefined) return { name, array: OTHERS[type] ?? `type ${type}` };
  if (external) {
    throw new DataError(
      where,
      'numbers in the file',
      'numbers in another one',
      'save the model as one file (save_as_external_data=False)',
    );
  }
  const axes = rawBytes(dims, 8);
  const shape = [...new BigInt64Array(axes.buffer, axes.byteOffset, axes.length / 8)].map(Number);
  const count = countOf(shape);
  if (count === undefined) throw new DataError(where, 'a shape', `[${shape}]`, 'the file is damaged');
  const raw = rawBytes(numbers, itemBytes(dtype));
  if (raw.length !== count * itemBytes(dtype)) {
    throw new DataError(
      where,
      `${count} numbers for its shape [${shape}]`,
      `${raw.length / itemBytes(dtype)}`,
      'the file is damaged',
    );
  }
  if (isUnsigned(dtype)) return { name, array: { shape, dtype: WIDER[dtype], data: widened(raw, dtype, false, where) } };
  return { name, array: { shape, dtype, data: numbersOf(raw, dtype) } };
}

function itemBytes(dtype: StoredType | UnsignedType): number {
  return isUnsigned(dtype) ? Number(dtype.slice(4)) / 8 : ITEM_BYTES[dtype];
}

/** Pieces of numbers one after the other as they lie in memory; a single one of bytes is a view. */
function rawBytes(pieces: readonly Field[], itemSize: number): Uint8Array {
  const isPacked = ({ id, wire }: Field) => wire === 2 && [1, 5, 7, 11].includes(id);
  const sizes = pieces.map((piece) => {
    if (piece.wire === 0) return itemSize;
    return isPacked(piece) ? itemSize * countVarints(piece.bytes) : piece.bytes.length;
  });
  const [only] = pieces;
  if (only && pieces.length === 1 && only.wire !== 0 && !isPacked(only)) return only.bytes;
  const whole = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
  let at = 0;
  for (const [i, piece] of pieces.entries()) {
    if (piece.wire === 0) for (let j = 0; j < itemSize; j++) whole[at + j] = Number((piece.bits >> BigInt(8 * j)) & 255n);
    else if (isPacked(piece)) unpackVarints(piece.bytes, itemSize, whole, at);
    else whole.set(piece.bytes, at);
    at += sizes[i] as number;
  }
  return whole;
}
