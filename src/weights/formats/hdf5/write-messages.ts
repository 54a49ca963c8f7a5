/** Messages of objects, as HDF5 1.6 and all later versions read them. */
import type { StoredArray, StoredType } from '../weight-file.js';
import { MESSAGE } from './object-header.js';

/** Little-endian numbers of 1, 2, 4 or 8 bytes, and bytes. */
export type Part = readonly [size: 1 | 2 | 4 | 8, value: number] | Uint8Array;

/** An address that says that there is none. */
export const NOWHERE = -1;

/** Parts one after the other. */
export function packed(...parts: readonly Part[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + (part instanceof Uint8Array ? part.length : part[0]), 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const part of parts) {
    if (part instanceof Uint8Array) {
      bytes.set(part, at);
      at += part.length;
      continue;
    }
    const [size, value] = part;
    if (size === 8) view.setBigInt64(at, BigInt(value), true);
    else if (size === 4) view.setUint32(at, value >>> 0, true);
    else if (size === 2) view.setUint16(at, value, true);
    else view.setUint8(at, value);
    at += size;
  }
  return bytes;
}

/** With zeros up to a multiple of 8 bytes. */
export function padded(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(Math.ceil(bytes.length / 8) * 8);
  whole.set(bytes);
  return whole;
}

/** An object's header of version 1. @param messages each of a type and its contents */
export function objectHeader(messages: readonly (readonly [type: number, contents: Uint8Array])[]): Uint8Array {
  const blocks = messages.map(([type, contents]) => {
    const whole = padded(contents);
    return packed([2, type], [2, whole.length], [4, 0], whole);
  });
  const size = blocks.reduce((sum, { length }) => sum + length, 0);
  return packed([2, 1], [2, messages.length], [4, 1], [4, size], [4, 0], ...blocks);
}

/** What a dataset's header says, but for its attributes. @param address of its numbers */
export function datasetMessages({ shape, dtype }: StoredArray, address: number, size: number): [number, Uint8Array][] {
  return [
    [MESSAGE.dataspace, dataspace(shape)],
    [MESSAGE.datatype, datatype(dtype)],
    // Allocated when it was written; no fill value of its own.
    [MESSAGE.fillValue, packed([1, 2], [1, 2], [1, 2], [1, 1], [4, 0])],
    [MESSAGE.layout, packed([1, 3], [1, 1], [8, size === 0 ? NOWHERE : address], [8, size])],
  ];
}

/** An attribute of one text, or of a list of texts. Texts are padded with zeros to the longest one. */
export function attribute(name: string, value: string | readonly string[]): Uint8Array {
  const texts = (typeof value === 'string' ? [value] : value).map((text) => encoder.encode(text));
  const length = Math.max(1, ...texts.map((text) => text.length));
  const data = new Uint8Array(length * texts.length);
  for (const [i, text] of texts.entries()) data.set(text, i * length);
  const label = encoder.encode(`${name}\0`);
  const type = packed([1, 0x13], [1, 1], [2, 0], [4, length]);
  const shape = dataspace(typeof value === 'string' ? [] : [texts.length]);
  const sizes = packed([1, 1], [1, 0], [2, label.length], [2, type.length], [2, shape.length]);
  return packed(sizes, padded(label), padded(type), padded(shape), data);
}

const encoder = new TextEncoder();

function dataspace(shape: readonly number[]): Uint8Array {
  return packed([1, 1], [1, shape.length], [2, 0], [4, 0], ...shape.map((size): Part => [8, size]));
}

/** Where the parts of a float are: bits in all, of the exponent, of the fraction. */
const FLOATS = { float64: [64, 11, 52], float32: [32, 8, 23], float16: [16, 5, 10] } as const;
const INTEGERS = { int64: [8, 8], int32: [4, 8], int16: [2, 8], int8: [1, 8], uint8: [1, 0] } as const;

function datatype(dtype: StoredType): Uint8Array {
  switch (dtype) {
    case 'float64':
    case 'float32':
    case 'float16': {
      const [bits, exponent, fraction] = FLOATS[dtype];
      const head = packed([1, 0x11], [1, 0x20], [1, bits - 1], [1, 0], [4, bits / 8], [2, 0], [2, bits]);
      return packed(head, [1, fraction], [1, exponent], [1, 0], [1, fraction], [4, 2 ** (exponent - 1) - 1]);
    }
    case 'bfloat16':
      // As Keras writes it: two bytes without meaning; an attribute says which one they have.
      return packed([1, 0x15], [1, 0], [2, 0], [4, 2]);
    case 'bool': {
      const names = encoder.encode('FALSE\0\0\0TRUE\0\0\0\0');
      return packed([1, 0x18], [2, 2], [1, 0], [4, 1], datatype('int8'), names, [1, 0], [1, 1]);
    }
    default: {
      const [size, flags] = INTEGERS[dtype];
      return packed([1, 0x10], [1, flags], [2, 0], [4, size], [2, 0], [2, 8 * size]);
    }
  }
}
