import { writeWeights } from '../../src/weights/index.js';
import { fixture } from '../fixtures.js';
import { seedsOfArchive } from './archives.js';
import { arrays } from './arrays.js';
import type { FuzzTarget, Seed } from './fuzz.js';

/** Checkpoints that PyTorch wrote (test/fixtures/checkpoints.py), of both formats, with optimizer, strides and shared storages. */
const checkpoints = () =>
  Object.values(fixture<Record<string, string>>('checkpoints.json')).map((text) => Uint8Array.from(Buffer.from(text, 'base64')));

const isPickle = (name: string) => name.endsWith('data.pkl');

export const pytorch: FuzzTarget = {
  format: 'pytorch',
  async seeds() {
    const all: Seed[] = await seedsOfArchive(await writeWeights(arrays, 'pytorch'), isPickle);
    for (const bytes of checkpoints()) all.push(...(bytes[0] === 0x80 ? [{ bytes }] : await seedsOfArchive(bytes, isPickle)));
    return all;
  },
};
