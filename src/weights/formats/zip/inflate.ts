import { DataError } from '../../../data/dataset.js';
import type { ByteSource } from '../weight-file.js';

/** Packed bytes a time: they unfold to 16 MB at most before what comes out is counted. */
const PIECE = 2 ** 14;

/**
 * Unpacks bytes `begin` up to `end` of a source, which must give exactly `size` bytes.
 * @param where what errors call it
 * @throws DataError where they are damaged, or give more or fewer
 */
export async function inflate(source: ByteSource, begin: number, end: number, size: number, where: string): Promise<Uint8Array> {
  const { Inflate } = await import('fflate');
  const contents = new Uint8Array(size);
  let done = 0;
  const stream = new Inflate((piece) => {
    if (done + piece.length > size) throw new DataError(where, `${size} bytes, as the directory says`, 'more');
    contents.set(piece, done);
    done += piece.length;
  });
  for (let at = begin; at < end; at += PIECE) {
    const packed = await source.bytes(at, Math.min(end, at + PIECE));
    try {
      stream.push(packed, at + PIECE >= end);
    } catch (error) {
      if (error instanceof DataError) throw error;
      throw new DataError(where, 'a deflated stream', `a damaged one (${(error as Error).message})`);
    }
  }
  if (done !== size) throw new DataError(where, `${size} bytes, as the directory says`, `${done}`);
  return contents;
}
