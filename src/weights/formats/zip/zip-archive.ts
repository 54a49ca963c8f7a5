import crc32 from 'crc-32/crc32.js';
import { DataError } from '../../../data/dataset.js';
import type { ByteSource } from '../weight-file.js';
import { readDirectory, type ZipEntry } from './directory.js';
import { inflate } from './inflate.js';

/** What all entries together may unfold to: so many times the archive's size, and this much for small ones. */
const GROWTH = 64;
const SMALL = 2 ** 26;

/** A deflate stream holds at most so many times its own size. */
const MOST_PER_BYTE = 1032;

const LOCAL_HEADER = 0x04034b50;
const LOCAL_HEADER_BYTES = 30;

/**
 * A zip archive whose entries are read one by one: as they lie or inflated, with their checksums compared.
 * Source: PKWARE's APPNOTE.TXT 6.3.
 */
export class ZipArchive {
  private left: number;

  private constructor(
    private readonly source: ByteSource,
    private readonly entries: ReadonlyMap<string, ZipEntry>,
  ) {
    this.left = GROWTH * source.size + SMALL;
  }

  /** @throws DataError where the directory at the archive's end is absent or damaged */
  static async open(source: ByteSource): Promise<ZipArchive> {
    return new ZipArchive(source, await readDirectory(source));
  }

  /** Names of all entries, in the directory's order. */
  get names(): readonly string[] {
    return [...this.entries.keys()];
  }

  has(name: string): boolean {
    return this.entries.has(name);
  }

  /** Bytes that an entry has when it is unpacked. */
  sizeOf(name: string): number {
    return this.entry(name).size;
  }

  /**
   * An entry's contents; of one that lies there unpacked, what the source gives: a view of what is in memory.
   * @throws DataError where it is absent, damaged, encrypted, packed by anything but deflate, or unfolds to what no honest file does
   */
  async read(name: string): Promise<Uint8Array> {
    const entry = this.entry(name);
    const where = `${this.source.name}, entry '${name}'`;
    this.left -= entry.size;
    // Of sizes that are no numbers, too.
    if (!(this.left >= 0) || entry.size > MOST_PER_BYTE * (entry.packed + 1)) {
      throw new DataError(
        where,
        `an archive that unfolds to at most ${GROWTH} times its size`,
        'more',
        'it is no file of weights',
      );
    }
    if (entry.encrypted) throw new DataError(where, 'an entry that anybody can read', 'an encrypted one');
    const begin = await this.contentsOf(entry, where);
    const contents = await this.unpacked(entry, begin, where);
    if (crc32.buf(contents) >>> 0 !== entry.crc) throw new DataError(where, 'its checksum', 'another one', 'the file is damaged');
    return contents;
  }

  private unpacked({ method, packed, size }: ZipEntry, begin: number, where: string): Promise<Uint8Array> {
    if (method === 8) return inflate(this.source, begin, begin + packed, size, where);
    if (method === 0 && packed === size) return this.source.bytes(begin, begin + size);
    throw new DataError(where, 'an entry that is stored or deflated', method === 0 ? 'one of two sizes' : `method ${method}`);
  }

  private entry(name: string): ZipEntry {
    const entry = this.entries.get(name);
    if (!entry) throw new DataError(this.source.name, `an entry '${name}'`, 'none');
    return entry;
  }

  /** Where an entry's bytes begin: behind its own header, whose lengths are its own. */
  private async contentsOf({ at }: ZipEntry, where: string): Promise<number> {
    const bytes = await this.source.bytes(at, at + LOCAL_HEADER_BYTES);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (view.getUint32(0, true) !== LOCAL_HEADER) throw new DataError(where, `its header at byte ${at}`, 'something else');
    return at + LOCAL_HEADER_BYTES + view.getUint16(26, true) + view.getUint16(28, true);
  }
}
