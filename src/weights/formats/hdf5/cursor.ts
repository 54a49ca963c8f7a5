import { DataError } from '../../../data/dataset.js';

/** An HDF5 file in memory: every look at it is checked, so that no number of a damaged file leads out of it. */
export class Hdf5Bytes {
  /** How many bytes an address takes; the superblock says it. */
  offsetSize = 8;
  /** How many bytes a length takes. */
  lengthSize = 8;
  readonly view: DataView;
  /** Structures that may still be visited: a whole file has fewer than its size allows, whatever is damaged. */
  private visits: number;
  /** Bytes that may still be made: packed and misplaced numbers are copied, all others are views. */
  private copies: number;

  /** @param name what errors call the file */
  constructor(
    readonly name: string,
    readonly bytes: Uint8Array,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.visits = 1000 + bytes.length / 4;
    this.copies = COPIES_SMALL + COPIES_SHARE * bytes.length;
  }

  get size(): number {
    return this.bytes.length;
  }

  /** The bytes from `at` on, up to `end` or the file's. */
  cursor(at: number, end = this.size): Cursor {
    if (at < 0 || at > end || end > this.size) {
      this.fail(at, `a structure that ends by byte ${this.size}`, `one up to byte ${end}`, 'the file is cut off or damaged');
    }
    return new Cursor(this, at, end);
  }

  /** Counts a structure that is visited. @throws DataError where there are more than such a file can hold */
  visit(at: number): void {
    if (--this.visits < 0) this.fail(at, 'each structure once', 'ever more of them', 'the file is damaged');
  }

  /** Counts bytes that are about to be made. @throws DataError where a small file asks for much memory */
  willMake(size: number, at: number): void {
    this.copies -= size;
    if (this.copies < 0) {
      const most = `at most ${COPIES_SHARE} times the file's size in unpacked numbers`;
      this.fail(at, most, `${size} bytes more`, 'the file is damaged or made to fill the memory');
    }
  }

  fail(at: number, expected: string, found: string, advice?: string): never {
    throw new DataError(`${this.name}, byte ${at}`, expected, found, advice);
  }
}

/** Float16 doubles, gzip of weights gains less than a half: eight leaves room for nets that are mostly zeros. */
const COPIES_SHARE = 8;
const COPIES_SMALL = 1 << 26;

/** Reads one field after the other, little endian as all of HDF5's own. */
export class Cursor {
  constructor(
    readonly file: Hdf5Bytes,
    public at: number,
    readonly end: number,
  ) {}

  get left(): number {
    return this.end - this.at;
  }

  /** @throws DataError where fewer than `size` bytes are left */
  skip(size: number): this {
    if (!(size <= this.left)) this.file.fail(this.at, `${size} bytes more`, `${this.left}`, 'the file is cut off or damaged');
    this.at += size;
    return this;
  }

  u8(): number {
    return this.skip(1).file.view.getUint8(this.at - 1);
  }

  u16(): number {
    return this.skip(2).file.view.getUint16(this.at - 2, true);
  }

  u32(): number {
    return this.skip(4).file.view.getUint32(this.at - 4, true);
  }

  /** An unsigned integer of 1 to 8 bytes. */
  uint(size: number): number {
    const from = this.skip(size).at - size;
    let value = 0;
    for (let i = size - 1; i >= 0; i--) value = value * 256 + this.file.view.getUint8(from + i);
    if (!Number.isSafeInteger(value)) this.file.fail(from, 'a number below 2^53', 'a greater one', 'the file is damaged');
    return value;
  }

  length(): number {
    return this.uint(this.file.lengthSize);
  }

  /** An address; undefined where the file says that there is none (all bits set). */
  address(): number | undefined {
    const size = this.file.offsetSize;
    const from = this.skip(size).at - size;
    if (this.file.bytes.subarray(from, this.at).every((byte) => byte === 0xff)) return undefined;
    this.at = from;
    return this.uint(size);
  }

  /** A view. */
  bytes(size: number): Uint8Array {
    return this.skip(size).file.bytes.subarray(this.at - size, this.at);
  }

  /** Text of `size` bytes, up to its first zero. */
  text(size: number): string {
    return textOf(this.bytes(size));
  }

  /** Text up to a zero, which is passed. */
  zeroEnded(): string {
    const zero = this.file.bytes.subarray(this.at, this.end).indexOf(0);
    if (zero < 0) this.file.fail(this.at, 'a text that ends', 'no zero', 'the file is damaged');
    return this.text(zero + 1);
  }

  /** Passes the four letters that begin a structure. */
  signature(letters: string): this {
    const from = this.at;
    const found = String.fromCharCode(...this.bytes(4));
    if (found !== letters) this.file.fail(from, `'${letters}'`, JSON.stringify(found), 'the file is damaged');
    return this;
  }
}

const decoder = new TextDecoder();

/** UTF-8, up to the first zero. */
export function textOf(bytes: Uint8Array): string {
  const zero = bytes.indexOf(0);
  return decoder.decode(zero < 0 ? bytes : bytes.subarray(0, zero));
}
