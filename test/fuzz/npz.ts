import { writeWeights } from '../../src/weights/index.js';
import { seedsOfArchive } from './archives.js';
import { arrays } from './arrays.js';
import type { FuzzTarget } from './fuzz.js';

export const npz: FuzzTarget = {
  format: 'npz',
  seeds: async () => seedsOfArchive(await writeWeights(arrays, 'npz'), (name) => name.startsWith('conv1')),
};
