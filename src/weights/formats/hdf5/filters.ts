import type { Cursor, Hdf5Bytes } from './cursor.js';

/** What was done to a chunk before it was written, first to last. */
export type Filter = 'deflate' | 'shuffle' | 'checksum';

const FILTERS: Readonly<Record<number, Filter>> = { 1: 'deflate', 2: 'shuffle', 3: 'checksum' };

/** Reads a filter message. @throws DataError where one is not known here */
export function readFilters(cursor: Cursor): Filter[] {
  const { file } = cursor;
  const version = cursor.u8();
  const count = cursor.u8();
  if (version === 1) cursor.skip(6);
  return Array.from({ length: count }, () => {
    const at = cursor.at;
    const id = cursor.u16();
    const nameSize = version === 1 || id >= 256 ? cursor.u16() : 0;
    cursor.skip(2);
    const values = cursor.u16();
    cursor.skip(version === 1 ? Math.ceil(nameSize / 8) * 8 : nameSize).skip(4 * values);
    if (version === 1 && values % 2 === 1) cursor.skip(4);
    return FILTERS[id] ?? file.fail(at, 'gzip, shuffle or fletcher32', `filter ${id}`, 'save the file with gzip or none');
  });
}

/**
 * A chunk as it was before it was written.
 * @param size bytes that it must have then: what unpacks to more is not unpacked further
 */
export async function unfiltered(
  file: Hdf5Bytes,
  at: number,
  stored: Uint8Array,
  filters: readonly Filter[],
  mask: number,
  size: number,
  itemSize: number,
): Promise<Uint8Array> {
  let bytes = stored;
  for (let i = filters.length - 1; i >= 0; i--) {
    if (mask & (1 << i)) continue;
    const filter = filters[i];
    if (filter === 'checksum') bytes = bytes.subarray(0, Math.max(0, bytes.length - 4));
    else if (filter === 'shuffle') bytes = unshuffled(bytes, itemSize);
    else bytes = await inflated(file, at, bytes, size + 4 * filters.length);
  }
  if (bytes.length !== size) file.fail(at, `a chunk of ${size} bytes`, `one of ${bytes.length}`, 'the file is damaged');
  return bytes;
}

async function inflated(file: Hdf5Bytes, at: number, bytes: Uint8Array, most: number): Promise<Uint8Array> {
  const { unzlibSync } = await import('fflate');
  try {
    // Into memory of that size: fflate drops what is beyond it.
    return unzlibSync(bytes, { out: new Uint8Array(most) });
  } catch (error) {
    return file.fail(at, 'a packed chunk', `one that does not unpack (${(error as Error).message})`, 'the file is damaged');
  }
}

/** Shuffled: first all first bytes, then all second ones, ... */
function unshuffled(bytes: Uint8Array, itemSize: number): Uint8Array {
  const count = Math.floor(bytes.length / itemSize);
  const result = bytes.slice();
  for (let plane = 0; plane < itemSize; plane++) {
    for (let i = 0; i < count; i++) result[i * itemSize + plane] = bytes[plane * count + i] as number;
  }
  return result;
}
