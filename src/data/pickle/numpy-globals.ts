/** numpy's arrays in pickles. Source: array_reduce and array_setstate in numpy's multiarray/methods.c. */
import type { Buildable, PickleGlobals, Spend } from './globals.js';
import { textOf } from './machine.js';

/** An array as it lies in a pickle. */
export interface PickledArray {
  /** Its product is the number of elements. */
  readonly shape: readonly number[];
  /** numpy's type string: '|u1' bytes, '<f4' float32, '<i8' int64, ... */
  readonly dtype: string;
  /** In the type's own byte order; shares the file's memory where it can. */
  readonly bytes: Uint8Array;
  /** Whether the first index runs fastest. */
  readonly fortran: boolean;
}

/** True for what a pickle's numpy array became. */
export function isPickledArray(value: unknown): value is PickledArray {
  return value instanceof NumpyArray && value.shape.length > 0;
}

/** The type of an array's or a scalar's numbers. */
export class NumpyDtype implements Buildable {
  private order = '';

  constructor(private readonly code: string) {}

  get text(): string {
    return (this.order === '=' ? '<' : this.order || '|') + this.code;
  }

  get itemBytes(): number {
    return Number(this.code.slice(1));
  }

  /** (version, byte order, ...) */
  setState(state: unknown): void {
    if (Array.isArray(state)) this.order = textOf(state[1]);
  }
}

class NumpyArray implements Buildable, PickledArray {
  shape: readonly number[] = [];
  dtype = '';
  bytes = new Uint8Array();
  fortran = false;

  /** (version, shape, dtype, whether Fortran's order, bytes) */
  setState(state: unknown, spend: Spend): void {
    if (!Array.isArray(state) || state.length < 4) throw new Error('no state of an array');
    const [shape, dtype, fortran, raw] = state.slice(-4) as unknown[];
    this.fill(shape, dtype, bytesOf(raw, spend), fortran === true || fortran === 1);
  }

  fill(shape: unknown, dtype: unknown, bytes: Uint8Array, fortran: boolean): this {
    if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size >= 0)) throw new Error('no shape');
    if (!(dtype instanceof NumpyDtype)) throw new Error('no type of numbers');
    const expected = shape.reduce((product, size) => product * size, dtype.itemBytes);
    if (bytes.length !== expected) throw new Error(`${bytes.length} bytes for [${shape.join(', ')}] ${dtype.text}`);
    Object.assign(this, { shape, dtype: dtype.text, bytes, fortran });
    return this;
  }
}

/** Bytes, or the text that Python 2's arrays become when Python 3 writes them in old protocols. */
function bytesOf(raw: unknown, spend: Spend): Uint8Array {
  if (raw instanceof Uint8Array) return raw;
  if (typeof raw !== 'string') throw new Error('no bytes');
  spend(raw.length);
  return Uint8Array.from(raw, (character) => character.charCodeAt(0));
}

const reconstruct = { call: () => new NumpyArray() };
const frombuffer = {
  call([raw, dtype, shape, order]: readonly unknown[], spend: Spend) {
    return new NumpyArray().fill(shape, dtype, bytesOf(raw, spend), textOf(order) === 'F');
  },
};
const dtype = {
  call([code]: readonly unknown[]) {
    const text = textOf(code);
    if (!/^[biufcV]\d{1,2}$/.test(text)) throw new Error(`the type '${text.slice(0, 20)}'`);
    return new NumpyDtype(text);
  },
};
/** Only named, as the class to reconstruct. */
const ndarray = {
  call(): never {
    throw new Error('a call of the class itself');
  },
};
/** Python 3 writes bytes so in protocols 0 to 2. */
const encode = { call: ([text]: readonly unknown[], spend: Spend) => bytesOf(text, spend) };

/** The empty one, in protocols 0 to 2. */
const noBytes = { call: () => new Uint8Array() };

/** What pickles of numpy's arrays call. */
export const numpyGlobals: PickleGlobals = {
  'numpy.core.multiarray _reconstruct': reconstruct,
  'numpy._core.multiarray _reconstruct': reconstruct,
  'numpy.core.numeric _frombuffer': frombuffer,
  'numpy._core.numeric _frombuffer': frombuffer,
  'numpy ndarray': ndarray,
  'numpy dtype': dtype,
  '_codecs encode': encode,
  '__builtin__ bytes': noBytes,
  'builtins bytes': noBytes,
};
