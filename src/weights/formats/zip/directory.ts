/** The list of what a zip archive holds, which stands at its end. Source: PKWARE's APPNOTE.TXT 6.3, sections 4.3.12 to 4.3.16. */
import { DataError } from '../../../data/dataset.js';
import type { ByteSource } from '../weight-file.js';

/** One file of an archive. */
export interface ZipEntry {
  /** 0: as it is, 8: deflated. */
  readonly method: number;
  readonly encrypted: boolean;
  /** CRC-32 of the contents. */
  readonly crc: number;
  /** Bytes in the archive. */
  readonly packed: number;
  /** Bytes of the contents. */
  readonly size: number;
  /** Byte at which its own header begins. */
  readonly at: number;
}

const END = 0x06054b50;
const END_BYTES = 22;
const LONGEST_COMMENT = 65535;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const LOCATOR_64_BYTES = 20;
const ENTRY = 0x02014b50;
const ENTRY_BYTES = 46;
/** What stands in place of a number that has 64 bits and is found elsewhere. */
const ELSEWHERE = 0xffffffff;

interface Place {
  readonly begin: number;
  readonly size: number;
}

/** @throws DataError where there is none, or it is damaged */
export async function readDirectory(source: ByteSource): Promise<Map<string, ZipEntry>> {
  const { begin, size } = await findDirectory(source);
  const bytes = await source.bytes(begin, begin + size);
  const view = viewOf(bytes);
  const entries = new Map<string, ZipEntry>();
  for (let at = 0; at < size; ) {
    if (at + ENTRY_BYTES > size || view.getUint32(at, true) !== ENTRY) throw damaged(source, `no entry at byte ${begin + at}`);
    const [name, extra, comment] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true)) as [number, number, number];
    const next = at + ENTRY_BYTES + name + extra + comment;
    if (next > size) throw damaged(source, `an entry that is cut off at byte ${begin + at}`);
    const text = new TextDecoder().decode(bytes.slice(at + ENTRY_BYTES, at + ENTRY_BYTES + name));
    if (entries.has(text)) throw damaged(source, `two entries '${text.slice(0, 100)}'`);
    const extras = bytes.subarray(at + ENTRY_BYTES + name, at + ENTRY_BYTES + name + extra);
    entries.set(text, entryOf(source, view, at, viewOf(extras)));
    at = next;
  }
  return entries;
}

function entryOf(source: ByteSource, view: DataView, at: number, extras: DataView): ZipEntry {
  const [packed, size, begin] = [20, 24, 42].map((offset) => view.getUint32(at + offset, true)) as [number, number, number];
  // In this order, and only those that are elsewhere.
  const [realSize, realPacked, realBegin] = wide(extras, [size, packed, begin]) as [number, number, number];
  const entry = {
    method: view.getUint16(at + 10, true),
    encrypted: (view.getUint16(at + 8, true) & 1) === 1,
    crc: view.getUint32(at + 16, true),
    packed: realPacked,
    size: realSize,
    at: realBegin,
  };
  if (!(entry.at + entry.packed <= source.size)) throw damaged(source, `an entry of ${entry.packed} bytes from ${entry.at} on`);
  return entry;
}

/** Numbers, those of 64 bits from the extra field 1. */
function wide(extras: DataView, values: readonly number[]): number[] {
  let at = 0;
  let end = 0;
  for (let i = 0; i + 4 <= extras.byteLength; i += 4 + extras.getUint16(i + 2, true)) {
    if (extras.getUint16(i, true) !== 1) continue;
    at = i + 4;
    end = Math.min(extras.byteLength, at + extras.getUint16(i + 2, true));
    break;
  }
  return values.map((value) => {
    if (value !== ELSEWHERE) return value;
    if (at + 8 > end) return Number.NaN;
    at += 8;
    return Number(extras.getBigUint64(at - 8, true));
  });
}

/** Where the list lies, as the record at the archive's end says. */
async function findDirectory(source: ByteSource): Promise<Place> {
  const begin = Math.max(0, source.size - END_BYTES - LONGEST_COMMENT);
  const tail = await source.bytes(begin, source.size);
  const view = viewOf(tail);
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    // Only a comment may follow.
    if (view.getUint32(at, true) !== END || at + END_BYTES + view.getUint16(at + 20, true) !== tail.length) continue;
    const place = { begin: view.getUint32(at + 16, true), size: view.getUint32(at + 12, true) };
    const many = view.getUint16(at + 10, true) === 0xffff;
    const is64 = many || place.begin === ELSEWHERE || place.size === ELSEWHERE;
    return checked(source, is64 ? await find64(source, begin + at, place) : place, begin + at);
  }
  throw new DataError(source.name, 'a zip archive, with its directory at the end', 'none', 'it is cut off or damaged');
}

/** @param end byte of the record that has no room for the numbers */
async function find64(source: ByteSource, end: number, place: Place): Promise<Place> {
  if (end < LOCATOR_64_BYTES) return place;
  const locator = viewOf(await source.bytes(end - LOCATOR_64_BYTES, end));
  if (locator.getUint32(0, true) !== LOCATOR_64) return place;
  const at = Number(locator.getBigUint64(8, true));
  const record = viewOf(await source.bytes(at, at + 56));
  if (record.getUint32(0, true) !== END_64) throw damaged(source, `no directory at byte ${at}`);
  return { begin: Number(record.getBigUint64(48, true)), size: Number(record.getBigUint64(40, true)) };
}

function checked(source: ByteSource, place: Place, end: number): Place {
  if (place.begin + place.size <= end) return place;
  throw damaged(source, `one of ${place.size} bytes from ${place.begin} on`);
}

function damaged(source: ByteSource, found: string): DataError {
  return new DataError(source.name, "a zip archive's directory", found, 'the file is damaged');
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
