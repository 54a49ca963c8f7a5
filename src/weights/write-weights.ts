import { isRecord, oneOf, onlyKnown, shown } from '../checks.js';
import { ArgumentError } from '../geometry.js';
import { countOf } from './formats/numbers.js';
import type { StoredArray, StoredType, WeightFile, WeightFormat, WeightsToWrite, WrittenFile } from './formats/weight-file.js';
import { writers } from './formats/writers.js';
import type { Framework } from './layouts.js';
import type { StateDict, WeightArray } from './state-dict.js';

/** Options of writeWeights and saveWeights. */
export interface WriteWeightsOptions {
  /**
   * What else the file is to say; plain JSON. safetensors (as texts), tfjs and Keras's formats have a place for it, PyTorch's and numpy's
   * have none.
   */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  /** Whose layout the arrays have, which some formats note; default: what the weights say of themselves. */
  readonly framework?: Framework | undefined;
}

/** What is written: a state dict, what `readWeights` gave, or arrays and whose layout they have. */
export type WritableWeights = StateDict | WeightFile['arrays'] | WeightFile | Pick<WeightFile, 'arrays' | 'framework'>;

/** What is written in one file. */
export type SingleFileFormat = Exclude<WeightFormat, 'tfjs' | 'caffe' | 'onnx'>;

/** The types that an array's own kind can stand for; the first one where nothing is said. */
const KINDS: Readonly<Record<string, readonly StoredType[]>> = {
  Float64Array: ['float64'],
  Float32Array: ['float32', 'float16', 'bfloat16'],
  BigInt64Array: ['int64'],
  Int32Array: ['int32'],
  Int16Array: ['int16'],
  Int8Array: ['int8'],
  Uint8Array: ['uint8', 'bool'],
};

/**
 * Weights as the bytes of a file: names, shapes, layouts and types stay as they are, and `readWeights` gives them back to the bit. Half is
 * made of float32 again where an array says so by its dtype, to the nearest.
 *
 *     const bytes = await writeWeights(await stateDict(model), 'pytorch');
 *
 * @param weights a state dict, or what `readWeights` gave
 * @returns       the file; of 'tfjs' all files by name, the first one being model.json
 * @throws ArgumentError where a format cannot hold an array, or is not written
 */
export async function writeWeights(
  weights: WritableWeights,
  format: 'tfjs',
  options?: WriteWeightsOptions,
): Promise<Record<string, Uint8Array>>;
export async function writeWeights(
  weights: WritableWeights,
  format: SingleFileFormat,
  options?: WriteWeightsOptions,
): Promise<Uint8Array>;
export async function writeWeights(
  weights: WritableWeights,
  format: WeightFormat,
  options: WriteWeightsOptions = {},
): Promise<Uint8Array | Record<string, Uint8Array>> {
  const files = await writtenFiles('writeWeights', weights, format, options);
  if (format !== 'tfjs') return joined(files[0]!.pieces);
  return Object.fromEntries(files.map(({ name = 'model.json', pieces }) => [name, joined(pieces)]));
}

/** The files in pieces, most of them views on the weights' memory. @throws ArgumentError as writeWeights */
export async function writtenFiles(
  where: string,
  weights: WritableWeights,
  format: WeightFormat,
  options: WriteWeightsOptions = {},
): Promise<WrittenFile[]> {
  onlyKnown(where, options, ['metadata', 'framework']);
  const formats = writers.map((each) => each.format);
  const writer = writers.find((each) => each.format === oneOf(where, 'format', format, formats))!;
  return writer.write(weightsToWrite(where, weights, options));
}

function weightsToWrite(
  where: string,
  weights: WritableWeights,
  { metadata = {}, framework }: WriteWeightsOptions,
): WeightsToWrite {
  if (!isRecord(weights)) throw new ArgumentError(`${where}: weights must be arrays by name, got ${shown(weights)}`);
  const own = isFile(weights) ? weights : { arrays: weights as StateDict | WeightFile['arrays'], framework: undefined };
  const arrays: Record<string, StoredArray> = Object.create(null);
  for (const [name, array] of Object.entries(own.arrays)) arrays[name] = checkedArray(where, name, array);
  return { arrays, framework: framework ?? own.framework, metadata };
}

/** A dict may have an array that is called 'arrays'. */
function isFile(weights: WritableWeights): weights is Pick<WeightFile, 'arrays' | 'framework'> {
  const { arrays } = weights as { arrays?: unknown };
  return isRecord(arrays) && !('shape' in arrays && 'data' in arrays && Array.isArray(arrays['shape']));
}

function checkedArray(where: string, name: string, array: WeightArray | StoredArray): StoredArray {
  const { shape, data, dtype } = (isRecord(array) ? array : {}) as Partial<StoredArray>;
  if (name === '__proto__') throw new ArgumentError(`${where}: an array must not be called '__proto__'`);
  const numbers = Array.isArray(data) ? Float32Array.from(data as number[]) : data;
  const kinds = KINDS[numbers?.[Symbol.toStringTag] ?? ''];
  const count = countOf(shape);
  if (!numbers || !kinds || count === undefined) {
    throw new ArgumentError(
      `${where}: '${name}' must be {shape, data}, sizes and numbers (an array or one of ${Object.keys(KINDS).join(', ')})`,
    );
  }
  if (count !== numbers.length) {
    throw new ArgumentError(
      `${where}: '${name}' must hold ${count} numbers, as its shape [${shape}] says, got ${numbers.length}`,
    );
  }
  return { shape: shape!, dtype: oneOf(where, `dtype of '${name}'`, dtype ?? kinds[0]!, kinds), data: numbers };
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
