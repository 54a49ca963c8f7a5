import { writeWeights } from '../../src/weights/index.js';
import { seedsOfArchive } from './archives.js';
import type { FuzzTarget } from './fuzz.js';
import { kerasWeights } from './keras-weights.js';

export const keras: FuzzTarget = {
  format: 'keras',
  async seeds() {
    const { arrays, config } = kerasWeights;
    return seedsOfArchive(await writeWeights(arrays, 'keras', { metadata: { config } }), () => true);
  },
};
