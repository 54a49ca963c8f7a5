import { oneOf, onlyKnown } from '../checks.js';
import { DataError } from '../data/dataset.js';
import { openSource, type WeightSource } from './formats/open-source.js';
import { readers } from './formats/readers.js';
import type { ByteSource, ReadOptions, WeightFile, WeightFormat, WeightReader } from './formats/weight-file.js';

/** Options of readWeights. */
export interface ReadWeightsOptions extends ReadOptions {
  /** Whose reader is taken without a look at the contents; default: what they look like. */
  readonly format?: WeightFormat | undefined;
}

/** So much of a file tells its format. */
const HEAD_BYTES = 512;

/**
 * Reads a file of weights, in Node and in browsers: PyTorch's checkpoints (.pt, .pth, .th, of both formats), safetensors, Keras's .h5 and
 * .keras, tfjs's model.json with its shards, numpy's .npz, Caffe's .caffemodel, ONNX. The format is told by the contents. Files are
 * not trusted: nothing in them is run, and memory stays within a few times their size.
 *
 *     const { arrays, framework } = await readWeights('resnet18.pth');
 *
 * @param source a path (Node), an address, a `File`, `Blob`, list of `File`s, or bytes; what is in memory must not be changed
 *               afterwards, since arrays are views on it where they can be
 * @returns      arrays under the file's own names, in its own layout
 * @throws DataError where the file is absent, damaged, of no known format or without weights, ArgumentError for other arguments
 */
export async function readWeights(source: WeightSource, options: ReadWeightsOptions = {}): Promise<WeightFile> {
  onlyKnown('readWeights', options, ['format', 'key']);
  const formats = readers.map(({ format }) => format);
  if (options.format !== undefined) oneOf('readWeights', 'format', options.format, formats);
  const { source: bytes, close } = await openSource('readWeights', source);
  try {
    const reader = readers.find(({ format }) => format === options.format) ?? (await readerOf(bytes));
    return await reader.read(bytes, { key: options.key });
  } catch (error) {
    // What a file says may be larger than what a machine has.
    if (error instanceof RangeError) throw new DataError(bytes.name, 'a file that memory has room for', error.message);
    throw error;
  } finally {
    await close();
  }
}

async function readerOf(source: ByteSource): Promise<WeightReader> {
  if (source.size === 0) throw new DataError(source.name, 'a file of weights', 'an empty file');
  const head = await source.bytes(0, Math.min(HEAD_BYTES, source.size));
  for (const reader of readers) if (await reader.matches(head, source)) return reader;
  const begins = [...head.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  throw new DataError(
    source.name,
    `weights as ${readers.map(({ format }) => format).join(', ')}`,
    `a file that begins with ${begins}`,
  );
}
