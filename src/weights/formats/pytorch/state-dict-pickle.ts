/** Writes one kind of pickle: an OrderedDict of tensors, in protocol 2. Source: Lib/pickletools.py of CPython, torch/_tensor.py. */
import { rowMajor } from '../strided.js';
import type { StoredArray, StoredType } from '../weight-file.js';

const STORAGES: Readonly<Record<StoredType, string>> = {
  float64: 'DoubleStorage',
  float32: 'FloatStorage',
  float16: 'HalfStorage',
  bfloat16: 'BFloat16Storage',
  int64: 'LongStorage',
  int32: 'IntStorage',
  int16: 'ShortStorage',
  int8: 'CharStorage',
  uint8: 'ByteStorage',
  bool: 'BoolStorage',
};

/** Bytes that grow. */
class PickleWriter {
  private readonly pieces: Uint8Array[] = [];

  /** Instructions and lines, one byte a character. */
  code(text: string): this {
    this.pieces.push(Uint8Array.from(text, (character) => character.charCodeAt(0)));
    return this;
  }

  text(value: string): this {
    const bytes = new TextEncoder().encode(value);
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, bytes.length, true);
    this.code('X').pieces.push(length, bytes);
    return this;
  }

  integer(value: number): this {
    const wide = value >= 2 ** 31;
    const bytes = new DataView(new ArrayBuffer(wide ? 8 : 4));
    if (wide) bytes.setBigInt64(0, BigInt(value), true);
    else bytes.setInt32(0, value, true);
    this.code(wide ? '\x8a\x08' : 'J').pieces.push(new Uint8Array(bytes.buffer));
    return this;
  }

  tuple(values: readonly number[]): this {
    this.code('(');
    for (const value of values) this.integer(value);
    return this.code('t');
  }

  bytes(): Uint8Array {
    const all = new Uint8Array(this.pieces.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const piece of this.pieces) {
      all.set(piece, at);
      at += piece.length;
    }
    return all;
  }
}

const ORDERED_DICT = 'ccollections\nOrderedDict\n)R';

/** Each array is a tensor with a storage of its own, whose key is its number. */
export function stateDictPickle(arrays: Readonly<Record<string, StoredArray>>): Uint8Array {
  const out = new PickleWriter().code(`\x80\x02${ORDERED_DICT}(`);
  for (const [i, [name, { dtype, shape, data }]] of Object.entries(arrays).entries()) {
    // _rebuild_tensor_v2(storage, offset, shape, strides, requires_grad, hooks)
    out.text(name).code('ctorch._utils\n_rebuild_tensor_v2\n((').text('storage').code(`ctorch\n${STORAGES[dtype]}\n`);
    out.text(String(i)).text('cpu').integer(data.length).code('tQK\x00');
    out.tuple(shape).tuple(rowMajor(shape)).code(`\x89${ORDERED_DICT}tR`);
  }
  return out.code('u.').bytes();
}
