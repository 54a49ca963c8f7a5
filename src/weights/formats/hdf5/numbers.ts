import { isWidened, numbersOf } from '../numbers.js';
import type { StoredArray } from '../weight-file.js';
import type { Hdf5Bytes } from './cursor.js';
import type { Datatype, NumberType } from './datatype.js';

/** Types without a name of their own are given as the next wider one that has. */
const WIDER = { uint16: 'int32', uint32: 'int64', uint64: 'int64' } as const;

/**
 * An array's bytes as numbers.
 * @param at what errors name as its place
 */
export function arrayOf(
  file: Hdf5Bytes,
  at: number,
  bytes: Uint8Array,
  type: Datatype & { kind: 'number' },
): Pick<StoredArray, 'dtype' | 'data'> {
  const isView = bytes.buffer === file.bytes.buffer;
  const { dtype } = type;
  if (isUnsigned(dtype)) {
    file.willMake(2 * bytes.length, at);
    return { dtype: WIDER[dtype], data: widened(file, at, bytes, dtype, type.bigEndian) };
  }
  if (isWidened(dtype)) file.willMake(2 * bytes.length, at);
  if (isView && (type.bigEndian || bytes.byteOffset % type.size !== 0)) file.willMake(bytes.length, at);
  return { dtype, data: numbersOf(bytes, dtype, type.bigEndian) };
}

function isUnsigned(dtype: NumberType): dtype is keyof typeof WIDER {
  return Object.hasOwn(WIDER, dtype);
}

function widened(
  file: Hdf5Bytes,
  at: number,
  bytes: Uint8Array,
  dtype: keyof typeof WIDER,
  bigEndian: boolean,
): StoredArray['data'] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (dtype === 'uint16') return Int32Array.from({ length: bytes.length / 2 }, (_, i) => view.getUint16(2 * i, !bigEndian));
  if (dtype === 'uint32')
    return BigInt64Array.from({ length: bytes.length / 4 }, (_, i) => BigInt(view.getUint32(4 * i, !bigEndian)));
  return BigInt64Array.from({ length: bytes.length / 8 }, (_, i) => {
    const value = view.getBigUint64(8 * i, !bigEndian);
    return value < 2n ** 63n ? value : file.fail(at, 'integers below 2^63', `${value}`);
  });
}
