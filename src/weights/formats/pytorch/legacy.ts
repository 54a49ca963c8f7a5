/**
 * A checkpoint as torch.save wrote it before PyTorch 1.6: pickles of a magic number, a version, the sizes of C's types, the value and the
 * storages' keys; then each storage, its count before it. Source: _legacy_save in torch/serialization.py.
 */
import { DataError } from '../../../data/dataset.js';
import { textOf } from '../../../data/pickle/machine.js';
import { type Unpickled, unpickle } from '../../../data/pickle/unpickle.js';
import type { ByteSource } from '../weight-file.js';
import type { Checkpoint } from './archive.js';
import { storageOf, torchGlobals } from './globals.js';
import { isOpaque, type Storage } from './torch-tensor.js';

const MAGIC = 0x1950a86a20f9469cfc6cn;
const VERSION = 1001;
/** Bytes that surely hold the magic number and a few more. */
const BEGINNING = 4096;
/** Pickles of most checkpoints are shorter; of others, eight times as much is read, and so on. */
const FIRST_READ = 2 ** 20;

interface Opened {
  readonly value: unknown;
  readonly sizes: unknown;
  readonly keys: unknown;
  readonly storages: ReadonlyMap<string, Storage>;
  /** Byte behind the pickles. */
  readonly end: number;
}

export async function readLegacy(source: ByteSource): Promise<Checkpoint> {
  const { value, sizes, keys, storages, end } = await readPickles(source);
  const bigEndian = sizes instanceof Map && sizes.get('little_endian') === false;
  const places = new Map<string, { begin: number; end: number }>();
  let at = end;
  for (const key of Array.isArray(keys) ? keys.map(textOf) : []) {
    const { count, itemBytes } = storages.get(key) ?? refuse(source, `a storage '${key.slice(0, 40)}' that a tensor has`, 'none');
    const header = await source.bytes(at, at + 8);
    const stored = new DataView(header.buffer, header.byteOffset).getBigInt64(0, !bigEndian);
    if (stored !== BigInt(count)) refuse(source, `a storage of ${count} numbers at byte ${at}`, `one of ${stored}`);
    const begin = at + 8;
    at = begin + count * itemBytes;
    if (at > source.size) refuse(source, `${count * itemBytes} bytes of a storage from ${begin} on`, `${source.size} in all`);
    places.set(key, { begin, end: at });
  }
  return {
    value,
    bigEndian,
    bytesOf: ({ key }) => {
      const place = places.get(key) ?? refuse(source, `a storage '${key.slice(0, 40)}'`, 'none');
      return source.bytes(place.begin, place.end);
    },
  };
}

/** Reads no more of a large file than its pickles. */
async function readPickles(source: ByteSource): Promise<Opened> {
  checkMagic(await source.bytes(0, Math.min(source.size, BEGINNING)), source.name);
  for (let read = FIRST_READ; ; read *= 8) {
    const bytes = await source.bytes(0, Math.min(source.size, read));
    try {
      return pickles(bytes, source.name);
    } catch (error) {
      if (bytes.length === source.size) throw error;
    }
  }
}

function checkMagic(bytes: Uint8Array, name: string): void {
  let magic: Unpickled;
  try {
    magic = unpickle(bytes, name);
  } catch {
    magic = { value: undefined, end: 0 };
  }
  if (magic.value === MAGIC) return;
  throw new DataError(name, 'a checkpoint of PyTorch', 'another pickle, or a damaged one', 'write it by torch.save');
}

function pickles(bytes: Uint8Array, name: string): Opened {
  let end = unpickle(bytes, name).end;
  const next = (options = {}): unknown => {
    const read = unpickle(bytes, name, { ...options, begin: end });
    end = read.end;
    return read.value;
  };
  const version = next();
  if (version !== VERSION) throw new DataError(name, `version ${VERSION} of PyTorch's format`, String(version).slice(0, 40));
  const sizes = next();
  const storages = new Map<string, Storage>();
  const persistent = (id: unknown) => {
    const storage = storageOf(id);
    // Without the size of its numbers, none behind it would be found.
    if (isOpaque(storage)) throw new Error(`numbers of ${storage.of}`);
    const known = storages.get(storage.key) ?? storage;
    if (known.count !== storage.count || known.itemBytes !== storage.itemBytes) throw new Error('one storage of two sizes');
    storages.set(storage.key, known);
    return storage;
  };
  const value = next({ globals: torchGlobals, persistent, passOverUnknown: true });
  return { value, sizes, keys: next(), storages, end };
}

function refuse(source: ByteSource, expected: string, found: string): never {
  throw new DataError(source.name, expected, found, 'the file is cut off or damaged');
}
