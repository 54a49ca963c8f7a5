/** A short run of every reader on damaged files; `npm run fuzz` goes on for longer. */

import { readers } from '../src/weights/formats/readers.js';
import { type FuzzTarget, fuzz, tryToRead } from './fuzz/fuzz.js';
import { mutated } from './fuzz/mutate.js';
import { targets } from './fuzz/targets.js';
import { generator, seed } from './random.js';

const INPUTS = 400;

test('every reader has a target', () => {
  const formats = new Set(targets.map(({ format }) => format));
  expect(readers.map(({ format }) => format).filter((format) => !formats.has(format))).toEqual([]);
});

test('changes follow from the seed', () => {
  const bytes = Uint8Array.from({ length: 300 }, (_, i) => i);
  const change = (from: number) => [...mutated(bytes, generator(from), [bytes])];
  expect(change(seed)).toEqual(change(seed));
  expect(new Set(Array.from({ length: 50 }, (_, i) => change(i).join())).size).toBeGreaterThan(45);
});

test('a reader that fails is found out', async () => {
  const reading = (read: () => unknown): FuzzTarget => ({
    format: 'npz',
    seeds: async () => [{ bytes: new Uint8Array(9) }],
    read: async () => read() as never,
  });
  const arrays = (array: unknown) => ({ arrays: Object.assign(Object.create(null), { a: array }) });
  const bad = [
    () => null!['x' as never],
    () => ({ arrays: {} }),
    () => arrays({ shape: [2], data: [1] }),
    () => arrays({ shape: [1], data: [Buffer.alloc(1400 * 2 ** 20, 1).length] }),
  ];
  for (const read of bad) expect((await fuzz(reading(read), { seed, inputs: 1 })).failures).toHaveLength(1);
  expect(
    (
      await fuzz(
        reading(() => arrays({ shape: [1], data: [1] })),
        { seed, inputs: 3 },
      )
    ).read,
  ).toBe(3);
});

describe.each(targets)('$format', (target) => {
  test('seeds are read', async () => {
    for (const { bytes, wrap } of await target.seeds())
      expect(await tryToRead(target, (await wrap?.(bytes)) ?? bytes)).toBe('read');
  });

  test('cut off at every 1 % it is refused', async () => {
    for (const { bytes, wrap } of await target.seeds()) {
      if (wrap) continue;
      for (let percent = 0; percent < 100; percent++) {
        const cut = bytes.slice(0, Math.floor((percent * bytes.length) / 100));
        const outcome = await tryToRead(target, cut);
        if (!(target.endsAnywhere && outcome === 'read')) expect([percent, outcome]).toEqual([percent, 'refused']);
      }
    }
  });

  test(`${INPUTS} damaged files from seed ${seed} are refused or read`, async () => {
    const { failures } = await fuzz(target, { seed, inputs: INPUTS });
    expect(failures.map(({ input, reason }) => `${input}: ${reason}`)).toEqual([]);
  });
});
