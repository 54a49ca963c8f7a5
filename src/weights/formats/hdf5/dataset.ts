import type { StoredArray } from '../weight-file.js';
import { attributesOf, textsOf } from './attributes.js';
import { chunkedBytes } from './chunks.js';
import type { Cursor, Hdf5Bytes } from './cursor.js';
import { type Datatype, readDataspace, readDatatype } from './datatype.js';
import { readFilters } from './filters.js';
import { arrayOf } from './numbers.js';
import { contents, find, MESSAGE, type Message } from './object-header.js';

/** How an array's bytes are kept. */
const LAYOUT = { compact: 0, contiguous: 1, chunked: 2, virtual: 3 } as const;

const BFLOAT16 = { kind: 'number', size: 2, dtype: 'bfloat16', bigEndian: false } as const;

/** An array of an HDF5 file. */
export class Hdf5Dataset {
  /** Its sizes. */
  readonly shape: readonly number[];
  private readonly type: Datatype;

  /** @param path what errors call it */
  constructor(
    private readonly file: Hdf5Bytes,
    private readonly address: number,
    private readonly messages: readonly Message[],
    readonly path: string,
  ) {
    this.shape = readDataspace(this.contents(MESSAGE.dataspace, 'a shape')) ?? [0];
    this.type = readDatatype(this.contents(MESSAGE.datatype, 'a type'));
  }

  /** Its numbers: a view on the file wherever they lie there as they are. @throws DataError where they are no numbers */
  async read(): Promise<StoredArray> {
    const { shape } = this;
    const type = this.isBfloat16() ? BFLOAT16 : this.type;
    if (type.kind !== 'number') this.fail('numbers', type.kind === 'other' ? type.what : 'texts');
    const count = shape.reduce((product, size) => product * size, 1);
    if (!Number.isSafeInteger(count * type.size)) this.fail('a size below 2^53 bytes', `[${shape}]`);
    const bytes = await this.bytes(count * type.size, type.size);
    return { shape, ...arrayOf(this.file, this.address, bytes, type) };
  }

  /** HDF5 has no such type: Keras writes two bytes without meaning, and beside them which one they have. */
  private isBfloat16(): boolean {
    if (this.type.kind !== 'other' || this.type.size !== 2) return false;
    const dtype = attributesOf(this.file, this.messages).get('dtype');
    return dtype !== undefined && textsOf(this.file, dtype)?.[0] === 'bfloat16';
  }

  private async bytes(size: number, itemSize: number): Promise<Uint8Array> {
    const { file } = this;
    if (find(this.messages, MESSAGE.externalFiles)) this.fail('numbers in this file', 'numbers in another one');
    const layout = this.contents(MESSAGE.layout, 'a layout');
    const at = layout.at;
    const version = layout.u8();
    if (version !== 3 && version !== 4)
      file.fail(at, 'version 3 or 4 of a layout', `${version}`, 'save the file with a newer HDF5');
    const kind = layout.u8();
    if (kind === LAYOUT.compact) {
      return this.exactly(layout.bytes(layout.u16()), size);
    }
    if (kind === LAYOUT.contiguous) {
      const begin = layout.address();
      if (begin === undefined) return this.unwritten(size);
      const stored = layout.length();
      return this.exactly(file.cursor(begin).bytes(stored), size);
    }
    if (kind !== LAYOUT.chunked) this.fail('numbers in this file', 'a view on others');
    const empty = this.unwritten(size);
    const filters = find(this.messages, MESSAGE.filters);
    await chunkedBytes(empty, layout, version, {
      shape: this.shape,
      itemSize,
      filters: filters ? readFilters(contents(file, filters)) : [],
    });
    return empty;
  }

  /** What stands where nothing was ever written: zeros, unless the file asks for another number. */
  private unwritten(size: number): Uint8Array {
    const fill = find(this.messages, MESSAGE.fillValue);
    const value = fill && fillValue(contents(this.file, fill));
    if (value?.some((byte) => byte !== 0)) this.fail('unwritten numbers to be 0', 'another fill value');
    this.file.willMake(size, this.address);
    return new Uint8Array(size);
  }

  private exactly(bytes: Uint8Array, size: number): Uint8Array {
    return bytes.length === size ? bytes : this.fail(`${size} bytes for its shape [${this.shape}]`, `${bytes.length}`);
  }

  private contents(type: number, what: string): Cursor {
    return contents(this.file, find(this.messages, type) ?? this.fail(what, 'none'));
  }

  private fail(expected: string, found: string): never {
    return this.file.fail(this.address, `'${this.path}' to have ${expected}`, found);
  }
}

function fillValue(cursor: Cursor): Uint8Array | undefined {
  const version = cursor.u8();
  if (version === 3) return cursor.u8() & 0x20 ? cursor.bytes(cursor.u32()) : undefined;
  cursor.skip(2);
  const defined = cursor.u8() !== 0;
  return version === 1 || defined ? cursor.bytes(cursor.u32()) : undefined;
}
