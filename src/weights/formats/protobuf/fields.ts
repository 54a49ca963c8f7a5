import { DataError } from '../../../data/dataset.js';

/** One field of a message as it stands in the file. */
export interface Field {
  readonly id: number;
  /** A varint's or a fixed number's bits; 0n for bytes. */
  readonly bits: bigint;
  /** A view: what a field of some length holds, and of a fixed number its bytes. */
  readonly bytes: Uint8Array;
  /** 0: varint, 1: 8 bytes, 2: any length, 5: 4 bytes. */
  readonly wire: number;
}

/** Reads messages field by field; nothing is kept, so that memory does not depend on what lengths claim. */
export type Fields = (bytes: Uint8Array) => Generator<Field>;

const NONE = new Uint8Array(0);

/**
 * A reader of Protocol Buffers' wire format.
 * @param name what errors call the file
 */
export async function fieldReader(name: string): Promise<Fields> {
  const { Reader } = (await import('protobufjs/minimal.js')).default;
  return function* (bytes) {
    const reader = Reader.create(bytes);
    while (reader.pos < reader.len) {
      const at = reader.pos;
      let field: Field;
      try {
        field = readField(reader, bytes);
      } catch (error) {
        const where = bytes.byteOffset + at;
        throw new DataError(
          `${name}, byte ${where}`,
          'a field of a message',
          (error as Error).message,
          'the file is cut off or damaged',
        );
      }
      yield field;
    }
  };
}

function readField(reader: import('protobufjs').Reader, bytes: Uint8Array): Field {
  const tag = reader.uint32();
  const [id, wire] = [tag >>> 3, tag & 7];
  switch (wire) {
    case 0: {
      const value = reader.uint64();
      return { id, wire, bits: bitsOf(value), bytes: NONE };
    }
    case 1:
    case 5: {
      const from = reader.pos;
      reader.skip(wire === 1 ? 8 : 4);
      return { id, wire, bits: 0n, bytes: bytes.subarray(from, reader.pos) };
    }
    case 2: {
      const length = reader.uint32();
      const from = reader.pos;
      reader.skip(length);
      return { id, wire, bits: 0n, bytes: bytes.subarray(from, from + length) };
    }
    default:
      throw new Error(`wire type ${wire}`);
  }
}

function bitsOf(value: number | { readonly high: number; readonly low: number }): bigint {
  if (typeof value === 'number') return BigInt(value);
  return (BigInt(value.high >>> 0) << 32n) | BigInt(value.low >>> 0);
}

/** A varint as a signed number of 64 bits. */
export function signed({ bits }: Field): number {
  return Number(BigInt.asIntN(64, bits));
}

const decoder = new TextDecoder();

export function text({ bytes }: Field): string {
  return decoder.decode(bytes);
}
