import { DataError } from '../dataset.js';

/** Longest line of protocol 0, and longest whole number, that can be meant: longer ones only cost time. */
const MAX_DIGITS = 1000;

/** Names and texts of a damaged file may be anything: messages show no more of them. */
const LONGEST_FOUND = 300;

/** A pickle's bytes, read from front to back; nothing is believed that the file does not hold. */
export class PickleBytes {
  private readonly view: DataView;

  /** @param at first byte to read */
  constructor(
    readonly bytes: Uint8Array,
    readonly source: string,
    public at: number,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** @throws DataError always */
  fail(expected: string, found: string): never {
    throw new DataError(`${this.source}, byte ${this.at}`, expected, found.slice(0, LONGEST_FOUND));
  }

  /** So many bytes, sharing the file's memory. */
  take(count: number): Uint8Array {
    const left = this.bytes.length - this.at;
    if (!(count >= 0 && count <= left)) this.fail(`${count} more bytes of pickle`, `${left}; the file is cut off or damaged`);
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  /** Up to the next end of line, without it. */
  line(): string {
    const end = this.bytes.indexOf(10, this.at);
    if (end < 0) this.fail('the end of a line', 'none');
    const text = latin1(this.take(end - this.at));
    this.at++;
    return text.endsWith('\r') ? text.slice(0, -1) : text;
  }

  uint8(): number {
    return this.take(1)[0]!;
  }

  uint16(): number {
    return this.view.getUint16(this.skip(2), true);
  }

  int32(): number {
    return this.view.getInt32(this.skip(4), true);
  }

  uint32(): number {
    return this.view.getUint32(this.skip(4), true);
  }

  /** A length of 64 bits; what a number cannot hold exactly is longer than any file. */
  uint64(): number {
    return Number(this.view.getBigUint64(this.skip(8), true));
  }

  /** Big-endian, alone among all numbers. */
  float64(): number {
    return this.view.getFloat64(this.skip(8), false);
  }

  /** Two's complement of any length, little-endian. */
  long(length: number): number | bigint {
    if (!(length <= MAX_DIGITS)) this.fail(`a whole number of at most ${MAX_DIGITS} bytes`, `${length}`);
    const bytes = this.take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
    return narrow(BigInt.asIntN(8 * length, value));
  }

  /** A whole number in decimal digits. */
  decimal(text: string): number | bigint {
    if (text.length > MAX_DIGITS || !/^[+-]?\d+$/.test(text))
      this.fail(`a whole number of at most ${MAX_DIGITS} digits`, `'${text.slice(0, 40)}'`);
    return narrow(BigInt(text));
  }

  utf8(count: number): string {
    // Python writes lone surrogates, which are no UTF-8; they are replaced.
    return new TextDecoder().decode(this.take(count).slice());
  }

  private skip(count: number): number {
    this.take(count);
    return this.at - count;
  }
}

/** One character a byte. */
export function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return text;
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
