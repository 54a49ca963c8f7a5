import { DataError } from './dataset.js';

/**
 * The idx format of MNIST: two zero bytes, a type (8: unsigned byte), the number of dimensions, then
 * each dimension as a big-endian 32-bit number, then the values.
 * Source: http://yann.lecun.com/exdb/mnist/ (archived).
 */
export interface IdxHeader {
  readonly shape: readonly number[];
  /** Bytes before the values. */
  readonly headerBytes: number;
  /** Size of the whole file, uncompressed. */
  readonly fileBytes: number;
}

/** Longest header of an idx file that can be meant: 4 bytes and 4 dimensions. */
export const IDX_HEADER_BYTES = 20;

const UNSIGNED_BYTE = 8;

/**
 * Reads the header alone, so that nothing is allocated before the sizes are believed.
 *
 * @param head       the first bytes of the file, at least IDX_HEADER_BYTES of them where the file has so many
 * @param dimensions 3 for pictures, 1 for labels
 * @throws DataError
 */
export function readIdxHeader(head: Uint8Array, dimensions: number, source: string): IdxHeader {
  const headerBytes = 4 + 4 * dimensions;
  if (head.length < headerBytes) throw new DataError(source, `an idx header of ${headerBytes} bytes`, `${head.length} bytes`);
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const expected = (UNSIGNED_BYTE << 8) | dimensions;
  if (view.getUint32(0) !== expected) {
    const hex = (value: number) => `0x${value.toString(16).padStart(8, '0')}`;
    throw new DataError(source, `the idx magic number ${hex(expected)}`, hex(view.getUint32(0)));
  }
  const shape = Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i));
  return { shape, headerBytes, fileBytes: shape.reduce((product, size) => product * size, 1) + headerBytes };
}

/**
 * The values of a whole, uncompressed idx file, sharing its memory.
 *
 * @throws DataError where the file is not exactly as long as its header says
 */
export function parseIdx(file: Uint8Array, dimensions: number, source: string): { shape: readonly number[]; values: Uint8Array } {
  const { shape, headerBytes, fileBytes } = readIdxHeader(file, dimensions, source);
  if (file.length !== fileBytes) {
    throw new DataError(source, `${fileBytes} bytes for ${shape.join(' x ')} values, as the header says`, `${file.length} bytes`);
  }
  return { shape, values: file.subarray(headerBytes) };
}
