import crc32 from 'crc-32/crc32.js';
import { ArgumentError } from '../../../geometry.js';

/** One file of an archive. */
export interface ZipInput {
  readonly name: string;
  readonly pieces: readonly Uint8Array[];
}

/** Contents begin at multiples of so many bytes, so that views on them can be made. */
const ALIGNMENT = 64;
/** 1 January 1980, midnight: the same weights give the same file. */
const DATE = 0x21;
/** Names are UTF-8. */
const FLAGS = 0x800;
/** Sizes and places have 32 bits. */
const LARGEST = 2 ** 32 - 2;
const MOST_FILES = 65534;

/**
 * A zip archive of files as they are: weights hardly become smaller by packing.
 * Source: PKWARE's APPNOTE.TXT 6.3.
 *
 * @returns the archive in pieces, the files' own among them
 * @throws ArgumentError beyond 4 GB
 */
export function zipOf(files: readonly ZipInput[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const { name, pieces: contents } of files) {
    const text = new TextEncoder().encode(name);
    const size = bytesIn(contents);
    const crc = contents.reduce((sum, piece) => crc32.buf(piece, sum), 0);
    const padding = paddingAt(at + 30 + text.length);
    const common = [FLAGS, 0, 0, DATE, [crc], [size], [size], text.length];
    const header = [[0x04034b50], 20, ...common, padding.length];
    pieces.push(record(header), text, padding, ...contents);
    directory.push(record([[0x02014b50], 20, 20, ...common, 0, 0, 0, 0, [0], [at]]), text);
    at += 30 + text.length + padding.length + size;
  }
  const size = bytesIn(directory);
  if (at + size > LARGEST || files.length > MOST_FILES) {
    throw new ArgumentError(
      `a zip archive must hold less than 4 GB and ${MOST_FILES} files, got ${at} bytes in ${files.length}; safetensors holds more`,
    );
  }
  return [...pieces, ...directory, record([[0x06054b50], 0, 0, files.length, files.length, [size], [at], 0])];
}

/** Numbers of 16 bits; those in brackets have 32. */
function record(fields: readonly (number | readonly number[])[]): Uint8Array {
  const bytes = new Uint8Array(fields.reduce<number>((sum, field) => sum + (typeof field === 'number' ? 2 : 4), 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const field of fields) {
    if (typeof field === 'number') view.setUint16(at, field, true);
    else view.setUint32(at, field[0]! >>> 0, true);
    at += typeof field === 'number' ? 2 : 4;
  }
  return bytes;
}

/** An extra field that fills up to the next multiple: readers pass over what they do not know. */
function paddingAt(at: number): Uint8Array {
  const length = 4 + ((ALIGNMENT - ((at + 4) % ALIGNMENT)) % ALIGNMENT);
  const padding = new Uint8Array(length);
  padding.set([0x46, 0x42, length - 4, 0]);
  return padding;
}

function bytesIn(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}
