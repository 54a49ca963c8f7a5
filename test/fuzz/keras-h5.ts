import { inflateSync } from 'node:zlib';
import { writeWeights } from '../../src/weights/index.js';
import { fixture } from '../fixtures.js';
import type { FuzzTarget } from './fuzz.js';
import { kerasWeights } from './keras-weights.js';

/** Files that h5py wrote (test/fixtures/hdf5_files.py), in old and new structures, with packed numbers and texts in heaps. */
export const hdf5Files = (): ReadonlyMap<string, Uint8Array> =>
  new Map(
    Object.entries(fixture<Record<string, string>>('hdf5-files.json')).map(([name, text]) => [
      name,
      new Uint8Array(inflateSync(Buffer.from(text, 'base64'))),
    ]),
  );

/** Keras's .h5 and .weights.h5, which one reader tells apart. */
export const kerasH5: FuzzTarget = {
  format: 'keras-h5',
  async seeds() {
    const { arrays, config } = kerasWeights;
    const own = [await writeWeights(arrays, 'keras-h5'), await writeWeights(arrays, 'keras-weights', { metadata: { config } })];
    return [...own, ...hdf5Files().values()].map((bytes) => ({ bytes }));
  },
};
