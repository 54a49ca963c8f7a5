import crc32 from 'crc-32/crc32.js';
import { ArgumentError } from '../../../geometry.js';
import { fileBytesOf } from '../numbers.js';
import type { StoredArray, WeightsToWrite, WeightWriter, WrittenFile } from '../weight-file.js';

/**
 * A model.json of weights alone, as tf.io.loadWeights takes it, and one shard, named after its contents. float16 is kept; bfloat16 becomes
 * float32 and smaller integers int32, which hold them exactly.
 */
export const tfjsWriter: WeightWriter = { format: 'tfjs', write };

function write({ arrays, metadata }: WeightsToWrite): WrittenFile[] {
  const known = Object.entries(arrays).map(([name, array]) => ({ name, array: knownToTfjs(name, array) }));
  const pieces = known.map(({ array }) => fileBytesOf(array));
  const crc = pieces.reduce((sum, piece) => crc32.buf(piece, sum), 0) >>> 0;
  const shard = `weights.${crc.toString(16).padStart(8, '0')}.bin`;
  const weights = known.map(({ name, array: { shape, dtype } }) =>
    dtype === 'float16'
      ? { name, shape, dtype: 'float32', quantization: { dtype, original_dtype: 'float32' } }
      : { name, shape, dtype },
  );
  const json = {
    format: 'weights',
    generatedBy: 'tfjs-cnn',
    ...(Object.keys(metadata).length > 0 ? { userDefinedMetadata: metadata } : {}),
    weightsManifest: [{ paths: [shard], weights }],
  };
  return [{ pieces: [new TextEncoder().encode(JSON.stringify(json))] }, { name: shard, pieces }];
}

function knownToTfjs(name: string, { shape, dtype, data }: StoredArray): StoredArray {
  switch (dtype) {
    case 'float32':
    case 'float16':
    case 'int32':
    case 'bool':
      return { shape, dtype, data };
    case 'bfloat16':
      return { shape, dtype: 'float32', data };
    case 'int16':
    case 'int8':
    case 'uint8':
      return { shape, dtype: 'int32', data: Int32Array.from(data as Uint8Array) };
    case 'int64': {
      const narrow = Int32Array.from(data as BigInt64Array, Number);
      if ((data as BigInt64Array).every((value, i) => value === BigInt(narrow[i]!)))
        return { shape, dtype: 'int32', data: narrow };
      throw new ArgumentError(`'${name}': tfjs's integers must fit into 32 bits`);
    }
    default:
      throw new ArgumentError(`'${name}': tfjs must be given ${dtype} as float32, which it does not hold exactly`);
  }
}
