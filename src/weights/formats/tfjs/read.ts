/** tfjs's model.json and the shards that it names. Source: tfjs-core's io/types.ts and io/io_utils.ts. */
import { isRecord, shown } from '../../../checks.js';
import { DataError } from '../../../data/dataset.js';
import { joinedSource } from '../byte-source.js';
import { countOf, ITEM_BYTES, numbersOf } from '../numbers.js';
import { readJson } from '../read-json.js';
import type { ByteSource, StoredArray, StoredType, WeightFile, WeightReader } from '../weight-file.js';

/** Longer descriptions of models are written by nobody. */
const LONGEST_JSON = 2 ** 27;

interface Quantization {
  readonly dtype: 'uint8' | 'uint16' | 'float16';
  readonly scale: number;
  readonly min: number;
}

interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly quantization: Quantization | undefined;
  readonly count: number;
}

/** Types of tfjs, and how they lie in a shard: all as they are. */
const TYPES: readonly unknown[] = ['float32', 'int32', 'bool'];
const QUANTIZED_BYTES = { uint8: 1, uint16: 2, float16: 2 } as const;

export const tfjsReader: WeightReader = {
  format: 'tfjs',
  async matches(head, source) {
    // White space may stand before; zeros are no text.
    if (!/^\s*\{/.test(new TextDecoder().decode(head.slice())) || head.subarray(0, 8).includes(0)) return false;
    return Array.isArray((await readModelJson(source))['weightsManifest']);
  },
  read: readTfjs,
};

async function readModelJson(source: ByteSource): Promise<Record<string, unknown>> {
  if (source.size > LONGEST_JSON) throw new DataError(source.name, `JSON of at most ${LONGEST_JSON} bytes`, `${source.size}`);
  return readJson(await source.bytes(0, source.size), source.name);
}

async function readTfjs(source: ByteSource): Promise<WeightFile> {
  const { weightsManifest: groups, ...metadata } = await readModelJson(source);
  if (!Array.isArray(groups)) throw new DataError(source.name, 'a model.json with a weightsManifest', 'none');
  const arrays: Record<string, StoredArray> = Object.create(null);
  for (const group of groups as unknown[]) {
    const { paths, weights } = checkedGroup(group, source.name);
    const shards = joinedSource(`the shards of ${source.name}`, await shardsOf(source, paths));
    let at = 0;
    for (const entry of weights) {
      if (entry.name in arrays) throw new DataError(source.name, 'one array of each name', `two '${entry.name.slice(0, 100)}'`);
      const end = at + entry.count * itemBytesOf(entry);
      arrays[entry.name] = arrayOf(await shards.bytes(at, end), entry);
      at = end;
    }
    if (at !== shards.size) throw new DataError(shards.name, `${at} bytes, as model.json says`, `${shards.size}`);
  }
  return { format: 'tfjs', framework: 'keras', arrays, metadata };
}

function checkedGroup(group: unknown, source: string): { paths: string[]; weights: Entry[] } {
  const { paths, weights } = (isRecord(group) ? group : {}) as Record<string, unknown>;
  if (!Array.isArray(paths) || !Array.isArray(weights)) {
    throw new DataError(source, 'groups of paths and weights', shown(group).slice(0, 200));
  }
  for (const path of paths as unknown[]) {
    // A file from outside must not name others than its own.
    if (typeof path === 'string' && path !== '' && path !== '.' && path !== '..' && !/[/\\]/.test(path)) continue;
    throw new DataError(source, 'names of weight files beside it', shown(path).slice(0, 200));
  }
  return { paths: paths as string[], weights: weights.map((weight) => checkedEntry(weight, source)) };
}

function checkedEntry(weight: unknown, source: string): Entry {
  const { name, shape, dtype, quantization } = (isRecord(weight) ? weight : {}) as Record<string, unknown>;
  const count = countOf(shape);
  const quantized = quantization === undefined ? undefined : checkedQuantization(quantization);
  if (typeof name !== 'string' || name === '__proto__' || count === undefined || !TYPES.includes(dtype) || quantized === null) {
    throw new DataError(source, `name, shape and type (${TYPES.join(', ')}) of a weight`, shown(weight).slice(0, 200));
  }
  return { name, shape: shape as number[], dtype: dtype as Entry['dtype'], quantization: quantized, count };
}

/** Null where it is none. */
function checkedQuantization(given: unknown): Quantization | null {
  const { dtype, scale = 1, min = 0 } = (isRecord(given) ? given : {}) as Record<string, unknown>;
  if (typeof dtype !== 'string' || !Object.hasOwn(QUANTIZED_BYTES, dtype)) return null;
  return typeof scale === 'number' && typeof min === 'number' ? { dtype: dtype as Quantization['dtype'], scale, min } : null;
}

async function shardsOf(source: ByteSource, paths: readonly string[]): Promise<ByteSource[]> {
  const { beside } = source;
  if (!beside) {
    throw new DataError(
      source.name,
      'model.json with its shards',
      'model.json alone',
      'give its path, its address or all files of the model',
    );
  }
  const shards: ByteSource[] = [];
  for (const path of paths) shards.push(await beside(path));
  return shards;
}

function itemBytesOf({ dtype, quantization }: Entry): number {
  return quantization ? QUANTIZED_BYTES[quantization.dtype] : ITEM_BYTES[dtype];
}

function arrayOf(bytes: Uint8Array, { shape, dtype, quantization }: Entry): StoredArray {
  if (!quantization) return { shape, dtype, data: numbersOf(bytes, dtype) };
  if (quantization.dtype === 'float16') return { shape, dtype: 'float16', data: numbersOf(bytes, 'float16') };
  const { scale, min } = quantization;
  const codes = quantization.dtype === 'uint8' ? bytes : new Uint16Array(new Uint8Array(bytes).buffer);
  const data = dtype === 'float32' ? new Float32Array(codes.length) : new Int32Array(codes.length);
  const round = dtype === 'float32' ? (value: number) => value : Math.round;
  for (let i = 0; i < codes.length; i++) data[i] = round(codes[i]! * scale + min);
  return { shape, dtype: dtype as StoredType, data };
}
