/** Bytes in chunks of one size: a database copies what it is given, and should not copy all at once. */
import { CheckpointError } from './checkpoint-store.js';
import type { ByteSource } from './decode-snapshot.js';

const CHUNK_BYTES = 2 ** 23;

/** The bytes of all pieces, cut anew into chunks with memory of their own; all but the last are equally long. */
export function* chunksOf(pieces: readonly Uint8Array[]): Generator<Uint8Array<ArrayBuffer>> {
  let left = pieces.reduce((sum, piece) => sum + piece.length, 0);
  let chunk = new Uint8Array(Math.min(left, CHUNK_BYTES));
  let filled = 0;
  for (const piece of pieces) {
    for (let from = 0; from < piece.length; ) {
      const part = piece.subarray(from, from + chunk.length - filled);
      chunk.set(part, filled);
      filled += part.length;
      from += part.length;
      if (filled < chunk.length) continue;
      yield chunk;
      left -= filled;
      chunk = new Uint8Array(Math.min(left, CHUNK_BYTES));
      filled = 0;
    }
  }
}

/**
 * Reads them; the last chunk is at hand, as a checkpoint is read from its begin to its end.
 *
 * @param size     bytes in all
 * @param getChunk by its place
 */
export function chunkSource(size: number, getChunk: (place: number) => Promise<unknown>): ByteSource {
  let current: { place: number; bytes: Uint8Array } | undefined;

  async function chunkAt(place: number): Promise<Uint8Array> {
    if (current?.place === place) return current.bytes;
    current = undefined;
    const bytes = await getChunk(place);
    const length = Math.min(CHUNK_BYTES, size - place * CHUNK_BYTES);
    if (!isBytes(bytes) || bytes.length !== length) throw new CheckpointError(`its part ${place} is missing or damaged`);
    current = { place, bytes };
    return bytes;
  }

  return {
    size,
    async readInto(bytes, position) {
      for (let done = 0; done < bytes.length; ) {
        const at = position + done;
        const chunk = await chunkAt(Math.floor(at / CHUNK_BYTES));
        const part = chunk.subarray(at % CHUNK_BYTES).subarray(0, bytes.length - done);
        bytes.set(part, done);
        done += part.length;
      }
    },
  };
}

function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === '[object Uint8Array]';
}
