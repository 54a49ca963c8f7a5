/**
 * What PyTorch's pickles call. Nothing of it is PyTorch: tensors are described, everything else is passed over.
 * Source: torch/_utils.py and torch/serialization.py of PyTorch.
 */
import { DataError } from '../../../data/dataset.js';
import { type Buildable, Opaque, type PickleGlobal, type PickleGlobals } from '../../../data/pickle/globals.js';
import { NamedGlobal, textOf } from '../../../data/pickle/machine.js';
import { NumpyDtype, numpyGlobals } from '../../../data/pickle/numpy-globals.js';
import { ITEM_BYTES, numbersOf } from '../numbers.js';
import { NUMPY_TYPES } from '../numpy-types.js';
import type { StoredType } from '../weight-file.js';
import { isOpaque, type Storage, TorchTensor } from './torch-tensor.js';

/** By the names of PyTorch's types. */
const TYPES: Readonly<Record<string, StoredType>> = {
  float64: 'float64',
  float32: 'float32',
  float16: 'float16',
  bfloat16: 'bfloat16',
  int64: 'int64',
  int32: 'int32',
  int16: 'int16',
  int8: 'int8',
  uint8: 'uint8',
  bool: 'bool',
};

/** Classes of storages by name: what they hold, or the size of one number where nothing here knows the type. */
const STORAGES: Readonly<Record<string, StoredType | number>> = {
  DoubleStorage: 'float64',
  FloatStorage: 'float32',
  HalfStorage: 'float16',
  BFloat16Storage: 'bfloat16',
  LongStorage: 'int64',
  IntStorage: 'int32',
  ShortStorage: 'int16',
  CharStorage: 'int8',
  ByteStorage: 'uint8',
  BoolStorage: 'bool',
  UntypedStorage: 'uint8',
  ComplexFloatStorage: 8,
  ComplexDoubleStorage: 16,
  QInt8Storage: 1,
  QUInt8Storage: 1,
  QInt32Storage: 4,
};

/** A dictionary that takes a state: an OrderedDict's attributes, which say nothing of its arrays. */
class Dictionary extends Map<unknown, unknown> implements Buildable {
  setState(): void {}
}

/** Only named, as an argument of what is called. */
const named: PickleGlobal = {
  call(): never {
    throw new Error('a call of a class that is only named');
  },
};

const dictionary: PickleGlobal = {
  call(args) {
    const made = new Dictionary();
    const [pairs] = args.slice(-1);
    if (args.length === 0) return made;
    if (pairs instanceof Map) for (const [key, value] of pairs) made.set(key, value);
    // As protocols 0 and 1 write them: [[key, value], ...].
    else if (Array.isArray(pairs)) for (const pair of pairs) if (Array.isArray(pair)) made.set(pair[0], pair[1]);
    return made;
  },
};

function tensor(storage: unknown, offset: unknown, shape: unknown, strides: unknown, dtype?: StoredType): unknown {
  if (isOpaque(storage)) return storage;
  if (!isStorage(storage) || !Array.isArray(shape) || !Array.isArray(strides)) throw new Error('no storage, shape and strides');
  const type = dtype ?? storage.dtype;
  return type ? new TorchTensor(storage, type, offset as number, shape, strides) : new Opaque('a tensor of another type');
}

function isStorage(value: unknown): value is Storage {
  return typeof value === 'object' && value !== null && 'itemBytes' in value;
}

const rebuildTensor: PickleGlobal = { call: ([storage, offset, shape, strides]) => tensor(storage, offset, shape, strides) };

const rebuildTypedTensor: PickleGlobal = {
  call([storage, offset, shape, strides, , , dtype]) {
    const type = dtype instanceof NamedGlobal ? TYPES[dtype.name.replace('torch ', '')] : undefined;
    return type ? tensor(storage, offset, shape, strides, type) : new Opaque('a tensor of another type');
  },
};

/** A parameter is its tensor. */
const rebuildParameter: PickleGlobal = { call: ([data]) => data };

/** A tensor with attributes of its own: (function, class, its arguments, state). */
const rebuildFromType: PickleGlobal = {
  call([rebuild, , args], spend) {
    if (!(rebuild instanceof NamedGlobal) || !Array.isArray(args)) return new Opaque('a tensor of another kind');
    return rebuild.global.call(args, spend);
  },
};

/** A scalar of numpy, as losses and accuracies are, is a number. */
const scalar: PickleGlobal = {
  call([dtype, bytes]) {
    if (!(dtype instanceof NumpyDtype) || !(bytes instanceof Uint8Array)) return new Opaque('a scalar of numpy');
    const type = NUMPY_TYPES[dtype.text.slice(1)];
    if (!type || bytes.length !== ITEM_BYTES[type]) return new Opaque('a scalar of numpy');
    const [value] = numbersOf(bytes, type, dtype.text.startsWith('>'));
    return type === 'bool' ? value === 1 : Number(value);
  },
};

/** What makes parts that are passed over must not fail on what it does not know. */
function lenient(name: string): PickleGlobal {
  const strict = numpyGlobals[name]!;
  return {
    call(args, spend) {
      if (args.some(isOpaque)) return new Opaque(name);
      try {
        return strict.call(args, spend);
      } catch (error) {
        // Such an error is about memory.
        if (error instanceof DataError) throw error;
        return new Opaque(name);
      }
    },
  };
}

/** A set of Python 2's or 3's constructor. */
const set: PickleGlobal = { call: ([items]) => new Set(Array.isArray(items) ? items : []) };

/** A torch.Size is its tuple. */
const size: PickleGlobal = { call: ([items]) => items };

/** A device's name. */
const device: PickleGlobal = { call: (args) => args.map(textOf).join(':') };

const under = (modules: readonly string[], names: Readonly<Record<string, PickleGlobal>>): PickleGlobals =>
  Object.fromEntries(modules.flatMap((module) => Object.entries(names).map(([name, it]) => [`${module} ${name}`, it])));

const all = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, named]));

/** By module and name. */
export const torchGlobals: PickleGlobals = {
  ...under(['collections'], { OrderedDict: dictionary, defaultdict: { call: () => new Dictionary() }, Counter: dictionary }),
  ...under(['torch._utils'], {
    _rebuild_tensor: rebuildTensor,
    _rebuild_tensor_v2: rebuildTensor,
    _rebuild_tensor_v3: rebuildTypedTensor,
    _rebuild_parameter: rebuildParameter,
    _rebuild_parameter_with_state: rebuildParameter,
  }),
  ...under(['torch._tensor', 'torch.tensor'], { _rebuild_from_type_v2: rebuildFromType }),
  ...under(['torch'], { ...all(Object.keys(STORAGES)), ...all(Object.keys(TYPES)), Size: size, device, Tensor: named }),
  ...under(['torch.cuda'], all(Object.keys(STORAGES))),
  ...under(['torch.storage'], { UntypedStorage: named, TypedStorage: named }),
  ...under(['torch.nn.parameter'], { Parameter: named }),
  ...under(['builtins', '__builtin__'], { set }),
  ...under(['numpy.core.multiarray', 'numpy._core.multiarray'], { scalar }),
  'numpy dtype': lenient('numpy dtype'),
  '_codecs encode': lenient('_codecs encode'),
};

/** A storage that a pickle leaves to its reader: ('storage', class, key, device, count, what part of another one it is). */
export function storageOf(id: unknown): Storage | Opaque {
  const [kind, type, key, , count, view] = Array.isArray(id) ? (id as unknown[]) : [];
  if (isOpaque(type)) return type;
  const name = type instanceof NamedGlobal ? type.name.split(' ').at(-1)! : '';
  if (textOf(kind) !== 'storage' || !Object.hasOwn(STORAGES, name) || typeof count !== 'number' || !(count >= 0)) {
    throw new Error(`no storage: ${textOf(kind).slice(0, 40)} ${name}`);
  }
  const known = STORAGES[name]!;
  const [dtype, itemBytes] = typeof known === 'number' ? [undefined, known] : [known, ITEM_BYTES[known]];
  const [, begin, length] = Array.isArray(view) ? (view as [unknown, number, number]) : [undefined, 0, count];
  if (!(begin >= 0 && length >= 0 && begin + length <= count)) throw new Error('no part of a storage');
  return { key: textOf(key), dtype, itemBytes, count, begin, end: begin + length };
}
