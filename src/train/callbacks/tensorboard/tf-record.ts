/** Checksum of Castagnoli of some bytes, signed or not. */
export type Crc32c = (bytes: Uint8Array) => number;

/**
 * A record of TensorFlow's files: length (uint64), masked checksum of the length, data, masked checksum of the data; little-endian.
 * Source: tensorflow/core/lib/io/record_writer.h; the mask: tensorflow/core/lib/hash/crc32c.h.
 */
export function tfRecord(data: Uint8Array, crc32c: Crc32c): Uint8Array {
  const record = new Uint8Array(12 + data.length + 4);
  const view = new DataView(record.buffer);
  view.setUint32(0, data.length, true);
  view.setUint32(4, Math.floor(data.length / 2 ** 32), true);
  view.setUint32(8, masked(crc32c(record.subarray(0, 8))), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, masked(crc32c(data)), true);
  return record;
}

/** A checksum of bytes that hold their own checksum would always be the same. */
function masked(checksum: number): number {
  const crc = checksum >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
