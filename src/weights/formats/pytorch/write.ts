import { fileBytesOf } from '../numbers.js';
import type { WeightsToWrite, WeightWriter, WrittenFile } from '../weight-file.js';
import { zipOf } from '../zip/write-zip.js';
import { stateDictPickle } from './state-dict-pickle.js';

/** PyTorch strips it: any name is as good. */
const FOLDER = 'archive';

/** A state_dict that `torch.load(path, weights_only=True)` gives. Every type is kept; it has no place for metadata. */
export const pytorchWriter: WeightWriter = { format: 'pytorch', write };

function write({ arrays }: WeightsToWrite): WrittenFile[] {
  const text = (value: string) => [new TextEncoder().encode(value)];
  const storages = Object.values(arrays).map((array, i) => ({ name: `${FOLDER}/data/${i}`, pieces: [fileBytesOf(array)] }));
  const pieces = zipOf([
    { name: `${FOLDER}/data.pkl`, pieces: [stateDictPickle(arrays)] },
    { name: `${FOLDER}/byteorder`, pieces: text('little') },
    ...storages,
    { name: `${FOLDER}/version`, pieces: text('3\n') },
  ]);
  return [{ pieces }];
}
