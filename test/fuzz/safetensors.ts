import { writeWeights } from '../../src/weights/index.js';
import { arrays } from './arrays.js';
import type { FuzzTarget } from './fuzz.js';

export const safetensors: FuzzTarget = {
  format: 'safetensors',
  async seeds() {
    const [one] = Object.entries(arrays);
    return [
      { bytes: await writeWeights(arrays, 'safetensors', { metadata: { net: 'none' } }) },
      { bytes: await writeWeights(Object.fromEntries([one!]), 'safetensors') },
    ];
  },
};
