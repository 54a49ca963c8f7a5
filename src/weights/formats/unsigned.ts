/** Unsigned integers, which StoredType has no names for but uint8: they are given as the next wider type that holds them. */
import { DataError } from '../../data/dataset.js';
import type { StoredArray } from './weight-file.js';

/** Types and what they are given as. */
export const WIDER = { uint16: 'int32', uint32: 'int64', uint64: 'int64' } as const;

/** Types of numbers that files have and StoredType has not. */
export type UnsignedType = keyof typeof WIDER;

export function isUnsigned(dtype: string): dtype is UnsignedType {
  return Object.hasOwn(WIDER, dtype);
}

/**
 * Unsigned integers of a file.
 * @param where what errors call them
 * @throws DataError where one of 64 bits is no int64
 */
export function widened(bytes: Uint8Array, dtype: UnsignedType, bigEndian: boolean, where: string): StoredArray['data'] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (dtype === 'uint16') return Int32Array.from({ length: bytes.length / 2 }, (_, i) => view.getUint16(2 * i, !bigEndian));
  if (dtype === 'uint32') {
    return BigInt64Array.from({ length: bytes.length / 4 }, (_, i) => BigInt(view.getUint32(4 * i, !bigEndian)));
  }
  return BigInt64Array.from({ length: bytes.length / 8 }, (_, i) => {
    const value = view.getBigUint64(8 * i, !bigEndian);
    if (value < 2n ** 63n) return value;
    throw new DataError(where, 'integers below 2^63', `${value}`);
  });
}
