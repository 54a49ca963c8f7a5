/** Tensors as PyTorch's pickles describe them; their numbers lie elsewhere in the file. */
import { Opaque } from '../../../data/pickle/globals.js';
import { countOf, ITEM_BYTES, isWidened, numbersOf } from '../numbers.js';
import { gathered, isRowMajor } from '../strided.js';
import type { StoredArray, StoredType } from '../weight-file.js';

/** A block of numbers that tensors share. */
export interface Storage {
  /** Its name in the file. */
  readonly key: string;
  /** Undefined for types that are passed over. */
  readonly dtype: StoredType | undefined;
  readonly itemBytes: number;
  /** Of the whole block. */
  readonly count: number;
  /** The part of the block that it is, in numbers: files of old contain such. */
  readonly begin: number;
  readonly end: number;
}

/** One tensor. */
export class TorchTensor {
  /** Numbers that it shows. */
  readonly count: number;

  /**
   * @param offset  of the first number in the storage
   * @param strides of each axis, in numbers
   * @throws Error where it reaches beyond its storage
   */
  constructor(
    readonly storage: Storage,
    readonly dtype: StoredType,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {
    const count = countOf(shape);
    if (count === undefined) throw new Error('no shape');
    if (strides.length !== shape.length || countOf(strides) === undefined) throw new Error('no strides');
    const last = shape.reduce((sum, size, axis) => sum + (size - 1) * strides[axis]!, offset);
    const held = Math.floor(((storage.end - storage.begin) * storage.itemBytes) / ITEM_BYTES[dtype]);
    if (!Number.isSafeInteger(offset) || offset < 0 || (count > 0 && !(last < held))) {
      throw new Error(`[${shape.join(', ')}] from ${offset} on in a storage of ${held} numbers`);
    }
    this.count = count;
  }

  /** Bytes of memory that it takes beside its storage: none where it is a view. */
  copiedBytes(bigEndian: boolean): number {
    const copied = bigEndian || isWidened(this.dtype) || !isRowMajor(this.shape, this.strides);
    return copied ? this.count * Math.max(4, ITEM_BYTES[this.dtype]) : 0;
  }

  /** @param bytes of the whole block that the storage is, or is a part of; at a multiple of their numbers' size */
  arrayOf(bytes: Uint8Array, bigEndian: boolean): StoredArray {
    const { storage, dtype, offset, shape, strides } = this;
    const size = ITEM_BYTES[dtype];
    const begin = storage.begin * storage.itemBytes + offset * size;
    if (isRowMajor(shape, strides)) {
      return { shape, dtype, data: numbersOf(bytes.subarray(begin, begin + this.count * size), dtype, bigEndian) };
    }
    const end = begin + size * (1 + shape.reduce((sum, length, axis) => sum + (length - 1) * strides[axis]!, 0));
    return { shape, dtype, data: gathered(numbersOf(bytes.subarray(begin, end), dtype, bigEndian), shape, strides) };
  }
}

/** True for what stands for something unknown, which makes unknown whatever is made of it. */
export function isOpaque(value: unknown): value is Opaque {
  return value instanceof Opaque;
}
