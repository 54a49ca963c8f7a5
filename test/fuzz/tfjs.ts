import { readWeights, writeWeights } from '../../src/weights/index.js';
import { arrays } from './arrays.js';
import type { FuzzTarget } from './fuzz.js';

/** Quantized weights of both kinds beside what is written here. */
const quantized = [
  { name: 'a/kernel', shape: [2, 3], dtype: 'float32', quantization: { dtype: 'uint8', scale: 0.1, min: -3 } },
  { name: 'a/bias', shape: [3], dtype: 'float32', quantization: { dtype: 'uint16', scale: 0.1, min: -3 } },
];

const shards = new Map<string, Uint8Array>([['q', new Uint8Array(12)]]);

/** Only model.json is changed: shards are numbers, of which nothing can be wrong but their count. */
export const tfjs: FuzzTarget = {
  format: 'tfjs',
  async seeds() {
    const files = await writeWeights(arrays, 'tfjs', { metadata: { net: 'none' } });
    const { 'model.json': written, ...others } = files;
    for (const [name, bytes] of Object.entries(others)) shards.set(name, bytes);
    const json = { format: 'layers-model', weightsManifest: [{ paths: ['q'], weights: quantized }] };
    return [{ bytes: written! }, { bytes: new TextEncoder().encode(JSON.stringify(json)) }];
  },
  read(bytes) {
    const file = (name: string, contents: Uint8Array) => new File([contents as Uint8Array<ArrayBuffer>], name);
    return readWeights([file('model.json', bytes), ...[...shards].map(([name, contents]) => file(name, contents))], {
      format: 'tfjs',
    });
  },
};
