import { isWidened, numbersOf } from '../numbers.js';
import { isUnsigned, WIDER, widened } from '../unsigned.js';
import type { StoredArray } from '../weight-file.js';
import type { Hdf5Bytes } from './cursor.js';
import type { Datatype } from './datatype.js';

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
    return { dtype: WIDER[dtype], data: widened(bytes, dtype, type.bigEndian, `${file.name}, byte ${at}`) };
  }
  if (isWidened(dtype)) file.willMake(2 * bytes.length, at);
  if (isView && (type.bigEndian || bytes.byteOffset % type.size !== 0)) file.willMake(bytes.length, at);
  return { dtype, data: numbersOf(bytes, dtype, type.bigEndian) };
}
