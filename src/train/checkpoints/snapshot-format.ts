/**
 * A checkpoint as bytes: a safetensors file, so that Python opens it (`safetensors.torch.load_file`), whose `__metadata__`
 * holds the state and two checksums. By these any single damaged byte is found:
 *
 *     8 bytes    length of the header, little-endian
 *     header     {"__metadata__":{"crc32c":"89abcdef", ...}, name: {"dtype", "shape", "data_offsets"}, ...}, spaces up to 8 bytes
 *     data       the tensors, little-endian, one behind the other
 *
 * The first checksum is that of the length and the header, taken with 00000000 in its own place, which is the same in every
 * file; the header's `data_crc32c` is that of the data, and its offsets say where the file must end.
 *
 * CRC-32C (as in TensorFlow's checkpoints) and not SHA-256: it finds what disks and killed writers do to a file, works
 * everywhere (browsers have SHA-256 on secure pages only), and a megabyte takes a millisecond. It is no seal: who wants to
 * forge a checkpoint can.
 *
 * Source: https://github.com/huggingface/safetensors (format); RFC 3720, appendix B.4 (CRC-32C).
 */
import crc32c from 'crc-32/crc32c.js';
import type { StoredTensor } from './checkpoint-store.js';

/** A tensor as the header of a safetensors file names it. */
export interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Begin and end, counted from the first tensor's begin. */
  readonly data_offsets: readonly [number, number];
}

export const LENGTH_BYTES = 8;
/** What every header begins with, the checksum's place included. */
export const OPENING = '{"__metadata__":{"crc32c":"';
export const NO_CHECKSUM = '00000000';
export const CHECKSUM_AT = LENGTH_BYTES + OPENING.length;
/** Names the format and its version. */
export const FORMAT = 'tfjs-cnn checkpoint 1';
/** Readers of safetensors refuse longer ones. */
export const LONGEST_HEADER = 100_000_000;
/** Of what may be a tensor's name. */
export const RESERVED = ['__metadata__', '__proto__'];

export const ARRAYS = { F32: Float32Array, I32: Int32Array, U8: Uint8Array };
/** By what an array calls itself: in a sandbox, Float32Array is another class of the same name. */
export const DTYPES: Record<string, keyof typeof ARRAYS> = { Float32Array: 'F32', Int32Array: 'I32', Uint8Array: 'U8' };

/** Elements of a tensor; undefined where its shape is none. */
export function sizeOf(shape: unknown): number | undefined {
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size >= 0)) return undefined;
  return shape.reduce((product, size) => product * size, 1);
}

/** The memory of an array, as bytes. */
export function bytesOf({ buffer, byteOffset, byteLength }: StoredTensor['values']): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}

/** CRC-32C of bytes, or of those before (of which it is `crc`) and these together. */
export function checksum(bytes: Uint8Array, crc = 0): number {
  return crc32c.buf(bytes, crc);
}

/** As it stands in a header: eight digits. */
export function checksumText(crc: number): string {
  return (crc >>> 0).toString(16).padStart(NO_CHECKSUM.length, '0');
}
