import { DataError } from '../../../data/dataset.js';
import type { ByteSource, StoredArray, WeightFile, WeightReader } from '../weight-file.js';
import { ZipArchive } from '../zip/zip-archive.js';
import { readNpy } from './npy.js';

const ENDING = '.npy';

/** What numpy.savez and savez_compressed write. Arrays of texts and objects, which are pickles, are passed over. */
export const npzReader: WeightReader = {
  format: 'npz',
  async matches(head, source) {
    if (head[0] !== 0x50 || head[1] !== 0x4b) return false;
    const { names } = await ZipArchive.open(source);
    return names.every((name) => name.endsWith(ENDING));
  },
  read: readNpz,
};

async function readNpz(source: ByteSource): Promise<WeightFile> {
  const archive = await ZipArchive.open(source);
  const arrays: Record<string, StoredArray> = Object.create(null);
  const passedOver: string[] = [];
  for (const entry of archive.names) {
    if (!entry.endsWith(ENDING)) continue;
    const name = entry.slice(0, -ENDING.length);
    if (name === '__proto__') throw new DataError(source.name, 'names of weights', "'__proto__'");
    const array = readNpy(await archive.read(entry), `${source.name}, entry '${entry.slice(0, 100)}'`);
    if (typeof array === 'string') passedOver.push(`${name} (${array})`);
    else arrays[name] = array;
  }
  const metadata = passedOver.length > 0 ? { passedOver } : {};
  return { format: 'npz', framework: undefined, arrays, metadata };
}
