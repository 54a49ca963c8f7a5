/** Bytes in memory and in a page's files; those on a disk stand in open-source.ts. */
import { DataError } from '../../data/dataset.js';
import type { ByteSource } from './weight-file.js';

/** Bytes that are in memory: all that is given out are views on them. */
export function memorySource(name: string, whole: Uint8Array, beside?: ByteSource['beside']): ByteSource {
  // A Buffer's slice() would not copy: what is given out is plain.
  const plain = new Uint8Array(whole.buffer, whole.byteOffset, whole.byteLength);
  return {
    name,
    size: plain.length,
    beside,
    bytes: async (begin, end) => plain.subarray(begin, checkRange(name, plain.length, begin, end)),
  };
}

/** A page's file: only what is asked for is read. */
export function blobSource(name: string, blob: Blob, beside?: ByteSource['beside']): ByteSource {
  return {
    name,
    size: blob.size,
    beside,
    async bytes(begin, end) {
      checkRange(name, blob.size, begin, end);
      try {
        return new Uint8Array(await blob.slice(begin, end).arrayBuffer());
      } catch (error) {
        throw new DataError(name, `${end - begin} bytes of a file`, (error as Error).message);
      }
    },
  };
}

/** Several sources one after the other, as shards hold what belongs together. */
export function joinedSource(name: string, parts: readonly ByteSource[]): ByteSource {
  let size = 0;
  const places = parts.map((part) => {
    size += part.size;
    return { part, begin: size - part.size, end: size };
  });
  return {
    name,
    size,
    async bytes(begin, end) {
      checkRange(name, size, begin, end);
      const met = places.filter((place) => place.begin < end && begin < place.end);
      const [only] = met;
      if (only && met.length === 1) return only.part.bytes(begin - only.begin, end - only.begin);
      const all = new Uint8Array(end - begin);
      for (const place of met) {
        const from = Math.max(begin, place.begin);
        all.set(await place.part.bytes(from - place.begin, Math.min(end, place.end) - place.begin), from - begin);
      }
      return all;
    },
  };
}

/** `end`. @throws DataError where there are no such bytes */
export function checkRange(name: string, size: number, begin: number, end: number): number {
  if (begin >= 0 && begin <= end && end <= size) return end;
  throw new DataError(name, `bytes ${begin} to ${end}`, `${size} in all`, 'it is cut off or damaged');
}
