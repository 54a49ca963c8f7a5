/** What tests of weight files share. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { memorySource } from '../src/weights/formats/byte-source.js';
import type { ByteSource, StoredArray } from '../src/weights/formats/weight-file.js';

/** A file in memory. */
export function fileSource(path: string): ByteSource {
  return memorySource(path, new Uint8Array(readFileSync(path)));
}

/** SHA-256 of an array's numbers, as NumPy's `tobytes` has them. */
export function digest({ data }: StoredArray): string {
  return createHash('sha256')
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest('hex');
}
