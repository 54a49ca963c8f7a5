import { fileBytesOf } from '../numbers.js';
import type { WeightsToWrite, WeightWriter, WrittenFile } from '../weight-file.js';
import { zipOf } from '../zip/write-zip.js';
import { npyHeader } from './npy.js';

/** What numpy.load reads. bfloat16, which numpy does not have, becomes float32; there is no place for metadata. */
export const npzWriter: WeightWriter = { format: 'npz', write };

function write({ arrays }: WeightsToWrite): WrittenFile[] {
  const files = Object.entries(arrays).map(([name, array]) => {
    const numbers = fileBytesOf(array.dtype === 'bfloat16' ? { ...array, dtype: 'float32' } : array);
    return { name: `${name}.npy`, pieces: [npyHeader(array), numbers] };
  });
  return [{ pieces: zipOf(files) }];
}
