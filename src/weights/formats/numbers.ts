/** Numbers as files hold them. */
import type { StoredArray, StoredType } from './weight-file.js';

type Numbers = StoredArray['data'];

const ARRAYS = {
  float64: Float64Array,
  float32: Float32Array,
  int64: BigInt64Array,
  int32: Int32Array,
  int16: Int16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} satisfies Partial<Record<StoredType, unknown>>;

/** Bytes of one number in a file. */
export const ITEM_BYTES: Readonly<Record<StoredType, number>> = {
  float64: 8,
  float32: 4,
  float16: 2,
  bfloat16: 2,
  int64: 8,
  int32: 4,
  int16: 2,
  int8: 1,
  uint8: 1,
  bool: 1,
};

/** Whether numbers of that type need memory of their own: half is widened. */
export function isWidened(dtype: StoredType): boolean {
  return dtype === 'float16' || dtype === 'bfloat16';
}

/** Numbers in a shape; undefined where it is none. Sizes are so small that products of them are exact. */
export function countOf(shape: unknown): number | undefined {
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size >= 0)) return undefined;
  const count = shape.reduce((product: number, size: number) => product * size, 1);
  // 1e200 * 0 is no size, and neither is what was rounded on the way.
  return Number.isSafeInteger(count) && shape.every((size) => size <= Number.MAX_SAFE_INTEGER) ? count : undefined;
}

/**
 * Bytes of a file as numbers: a view where they lie at a multiple of their size, else a copy. Half becomes float32.
 *
 * @param bytes     whole numbers
 * @param bigEndian whether the first byte is the highest
 */
export function numbersOf(bytes: Uint8Array, dtype: StoredType, bigEndian = false): Numbers {
  const size = ITEM_BYTES[dtype];
  const placed = bigEndian && size > 1 ? swapped(bytes, size) : bytes.byteOffset % size === 0 ? bytes : copyOf(bytes);
  const { buffer, byteOffset, length } = placed;
  if (dtype === 'float16') return halfToFloat(new Uint16Array(buffer, byteOffset, length / 2));
  if (dtype === 'bfloat16') return brainToFloat(new Uint16Array(buffer, byteOffset, length / 2));
  return new ARRAYS[dtype](buffer as ArrayBuffer, byteOffset, length / size);
}

/** A Buffer's slice() would not copy. */
function copyOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

function swapped(bytes: Uint8Array, size: number): Uint8Array {
  const copy = copyOf(bytes);
  for (let i = 0; i < copy.length; i += size) copy.subarray(i, i + size).reverse();
  return copy;
}

/** The bits of all 65,536 halves as float32, made when first asked for. */
let halves: Uint32Array | undefined;

/** Bits, not numbers, are moved: a NaN stays the one that it is. */
function halfToFloat(bits: Uint16Array): Float32Array {
  halves ??= Uint32Array.from({ length: 65536 }, (_, code) => widened(code));
  const table = halves;
  const words = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) words[i] = table[bits[i]!]!;
  return new Float32Array(words.buffer);
}

/** Source: IEEE 754, binary16 and binary32. */
function widened(code: number): number {
  const sign = (code & 0x8000) << 16;
  const exponent = (code >> 10) & 31;
  const fraction = code & 1023;
  if (exponent === 31) return sign | 0x7f800000 | (fraction << 13);
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  // The highest bit of a subnormal half becomes the one that float32 does not write.
  const shift = Math.clz32(fraction) - 21;
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 1023) << 13);
}

/** The upper half of a float32. */
function brainToFloat(bits: Uint16Array): Float32Array {
  const words = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) words[i] = bits[i]! << 16;
  return new Float32Array(words.buffer);
}

/** An array's bytes as files hold them, little-endian: a view, or half made narrow again, to the nearest, ties to even. */
export function fileBytesOf({ data, dtype }: Pick<StoredArray, 'data' | 'dtype'>): Uint8Array {
  const { buffer, byteOffset, byteLength } = isWidened(dtype) ? narrow(data as Float32Array, dtype) : data;
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function narrow({ buffer, byteOffset, length }: Float32Array, dtype: StoredType): Uint16Array {
  const words = new Uint32Array(buffer, byteOffset, length);
  const narrowed = dtype === 'float16' ? halfOf : brainOf;
  const bits = new Uint16Array(length);
  for (let i = 0; i < length; i++) bits[i] = narrowed(words[i]!);
  return bits;
}

/** A float32's bits as binary16's. */
function halfOf(word: number): number {
  const sign = (word >>> 16) & 0x8000;
  const rest = word & 0x7fffffff;
  if (rest > 0x7f800000) return sign | 0x7c00 | ((rest >> 13) & 1023 || 512);
  if (rest >= 0x47800000) return sign | 0x7c00;
  // Below 2^-14 all halves are multiples of 2^-24; what float32 is that small is 24 bits times a power of 2.
  if (rest < 0x38800000) return sign | shifted((rest & 0x7fffff) | 0x800000, Math.min(31, 126 - (rest >> 23)));
  return sign | shifted(rest - 0x38000000, 13);
}

/** A float32's bits as bfloat16's. */
function brainOf(word: number): number {
  if ((word & 0x7fffffff) > 0x7f800000) return (word >>> 16) | ((word >>> 16) & 127 ? 0 : 64);
  return (word >>> 16) + Number((word & 0xffff) + ((word >>> 16) & 1) > 0x8000);
}

/** x / 2^shift, to the nearest, ties to even. */
function shifted(x: number, shift: number): number {
  const whole = x >>> shift;
  const left = x - whole * 2 ** shift;
  const half = 2 ** (shift - 1);
  return whole + Number(left > half || (left === half && (whole & 1) === 1));
}
