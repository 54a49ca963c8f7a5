import type { StoredType } from './weight-file.js';

/** Types by numpy's codes, without the order of bytes. */
export const NUMPY_TYPES: Readonly<Record<string, StoredType>> = {
  f8: 'float64',
  f4: 'float32',
  f2: 'float16',
  i8: 'int64',
  i4: 'int32',
  i2: 'int16',
  i1: 'int8',
  u1: 'uint8',
  b1: 'bool',
};
