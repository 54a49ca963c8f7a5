/**
 * A safetensors file: the length of a header, the header (JSON), the arrays.
 * Source: https://github.com/huggingface/safetensors (format).
 */
import { isRecord, shown } from '../../../checks.js';
import { DataError } from '../../../data/dataset.js';
import { countOf, ITEM_BYTES, numbersOf } from '../numbers.js';
import { readJson } from '../read-json.js';
import type { ByteSource, StoredArray, StoredType, WeightFile, WeightReader } from '../weight-file.js';

const LENGTH_BYTES = 8;
/** Longer headers are refused by every reader. */
const LONGEST_HEADER = 100_000_000;

/** By the format's names; others are passed over. */
const TYPES: Readonly<Record<string, StoredType>> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  I64: 'int64',
  I32: 'int32',
  I16: 'int16',
  I8: 'int8',
  U8: 'uint8',
  BOOL: 'bool',
};

/** Bytes of one number of a type that is passed over. */
const OTHER_BYTES: Readonly<Record<string, number>> = { U16: 2, U32: 4, U64: 8, F8_E4M3: 1, F8_E5M2: 1, F8_E8M0: 1, C64: 8 };

interface Entry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export const safetensorsReader: WeightReader = {
  format: 'safetensors',
  // A length below 2^32, and the header's brace.
  matches: (head) => head.length > LENGTH_BYTES && head[8] === 0x7b && head.subarray(4, 8).every((byte) => byte === 0),
  read: readSafetensors,
};

async function readSafetensors(source: ByteSource): Promise<WeightFile> {
  const length = headerLength(await source.bytes(0, Math.min(LENGTH_BYTES, source.size)), source);
  const begin = LENGTH_BYTES + length;
  const { __metadata__: given = {}, ...tensors } = readJson(await source.bytes(LENGTH_BYTES, begin), `${source.name}, header`);
  if (!isRecord(given)) throw new DataError(source.name, '__metadata__ of texts by name', shown(given).slice(0, 100));
  const entries = Object.entries(tensors).map(([name, entry]) => checkedEntry(source, name, entry));
  checkPlaces(source, entries, source.size - begin);
  const arrays: Record<string, StoredArray> = Object.create(null);
  const passedOver: string[] = [];
  for (const { name, dtype: code, shape, begin: from, end: to } of entries) {
    const dtype = Object.hasOwn(TYPES, code) ? TYPES[code] : undefined;
    // From a disk one by one, so that each lies at a multiple of its numbers' size and nothing is in memory twice.
    if (dtype) arrays[name] = { shape, dtype, data: numbersOf(await source.bytes(begin + from, begin + to), dtype) };
    else passedOver.push(`${name} (${code})`);
  }
  const metadata = { ...given, ...(passedOver.length > 0 ? { passedOver } : {}) };
  return { format: 'safetensors', framework: frameworkOf(given['format']), arrays, metadata };
}

/** What Python's libraries write: 'pt', 'tf', 'np', 'flax', ... */
function frameworkOf(format: unknown): WeightFile['framework'] {
  return format === 'pt' ? 'torch' : format === 'tf' || format === 'keras' ? 'keras' : undefined;
}

function headerLength(bytes: Uint8Array, { name, size }: ByteSource): number {
  if (bytes.length < LENGTH_BYTES) throw new DataError(name, 'a safetensors file', `${size} bytes`, 'it is cut off');
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length <= LONGEST_HEADER && LENGTH_BYTES + length <= size) return length;
  throw new DataError(name, `a header of ${length} bytes`, `${size} bytes in all`, 'the file is cut off or damaged');
}

function checkedEntry({ name: file }: ByteSource, name: string, entry: unknown): Entry {
  const { dtype, shape, data_offsets: offsets } = (isRecord(entry) ? entry : {}) as Record<string, unknown>;
  const itemBytes = typeof dtype === 'string' ? itemBytesOf(dtype) : undefined;
  const count = countOf(shape);
  const [begin, end] = Array.isArray(offsets) && offsets.length === 2 ? (offsets as [number, number]) : [Number.NaN, Number.NaN];
  if (itemBytes !== undefined && count !== undefined && begin >= 0 && Number.isSafeInteger(end)) {
    if (end - begin === count * itemBytes) return { name, dtype: dtype as string, shape: shape as number[], begin, end };
  }
  throw new DataError(file, `type, shape and place of the array '${name.slice(0, 100)}'`, shown(entry).slice(0, 200));
}

function itemBytesOf(code: string): number | undefined {
  if (Object.hasOwn(TYPES, code)) return ITEM_BYTES[TYPES[code]!];
  return Object.hasOwn(OTHER_BYTES, code) ? OTHER_BYTES[code] : undefined;
}

/** Arrays lie one behind the other up to the file's end: none is a part of another one, which would multiply memory. */
function checkPlaces({ name: file }: ByteSource, entries: readonly Entry[], bytes: number): void {
  const sorted = [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  for (const entry of sorted) {
    if (entry.begin !== end)
      throw new DataError(file, `the array '${entry.name.slice(0, 100)}' at byte ${end}`, `${entry.begin}`);
    end = entry.end;
  }
  if (end !== bytes) throw new DataError(file, `${end} bytes of arrays`, `${bytes}`, 'the file is cut off or damaged');
}
