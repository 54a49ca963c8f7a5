/** Geometry of pictures against torchvision, and what is drawn at random. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as augment from '../src/augment/index.js';
import type { Picture } from '../src/data/resize.js';
import { geometryCases } from './augment-geometry-cases.js';
import { picture } from './augment-parts.js';

interface Encoded {
  readonly height: number;
  readonly width: number;
  readonly pixels: string;
  readonly twice?: string;
}
const fixture = JSON.parse(readFileSync(join(__dirname, 'fixtures/torchvision-geometry.json'), 'utf8')) as {
  readonly torchvision: string;
  readonly cases: Record<string, Encoded | readonly Encoded[]>;
};
const photo = picture('photo', 9, 11, 3);
const bytesOf = (text: string): number[] => [...Buffer.from(text, 'base64')];
const differences = (a: ArrayLike<number>, b: readonly number[]): number[] => b.map((value, i) => Math.abs(value - a[i]!));

describe(`as torchvision ${fixture.torchvision} does`, () => {
  test('has every case', () => {
    expect(Object.keys(fixture.cases).sort()).toEqual(geometryCases.map(({ name }) => name).sort());
  });

  test.each(geometryCases)('$name', ({ name, run, exact }) => {
    const expected = [fixture.cases[name]!].flat() as Encoded[];
    const found = [run(photo, augment)].flat() as Picture[];
    expect(found.map(({ height, width }) => [height, width])).toEqual(expected.map(({ height, width }) => [height, width]));
    found.forEach(({ pixels }, i) => {
      const bytes = bytesOf(expected[i]!.pixels);
      expect(pixels.length).toBe(bytes.length);
      if (exact) expect([...pixels]).toEqual(bytes);
      else expect(Math.max(...differences(pixels, bytes))).toBeLessThanOrEqual(1);
    });
  });
});
