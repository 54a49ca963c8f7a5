/** Geometry of pictures against torchvision. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { smoothed } from '../src/augment/geometry/smooth-noise.js';
import * as augment from '../src/augment/index.js';
import { rotate } from '../src/augment/index.js';
import { sinCos } from '../src/augment/primitives/turn.js';
import type { Picture } from '../src/data/resize.js';
import type { AugmentCase } from './augment-cases.js';
import { geometryCases } from './augment-geometry-cases.js';
import { picture } from './augment-parts.js';
import { uniform } from './golden-fill.js';

interface Encoded {
  readonly height: number;
  readonly width: number;
  readonly pixels: string;
  /** Over a fill, torchvision's own result, see the script. */
  readonly twice?: string;
}
const fixture = JSON.parse(readFileSync(join(__dirname, 'fixtures/torchvision-geometry.json'), 'utf8')) as {
  readonly torchvision: string;
  readonly cases: Record<string, Encoded | readonly Encoded[]>;
  readonly smooth: Record<string, readonly number[]>;
};
const photo = picture('photo', 9, 11, 3);
const bytesOf = (text: string): number[] => [...Buffer.from(text, 'base64')];
const differences = (a: ArrayLike<number>, b: ArrayLike<number>): number[] =>
  Array.from(b, (value, i) => Math.abs(value - a[i]!));
const resultsOf = (each: AugmentCase, x: Picture): Picture[] => [each.run(x, augment)].flat() as Picture[];
/** Of the photo's size, all of one grey level. */
const grey = (level: number): Picture => ({ ...photo, pixels: new Uint8Array(photo.pixels.length).fill(level) });

describe(`as torchvision ${fixture.torchvision} does`, () => {
  test('has every case', () => {
    expect(Object.keys(fixture.cases).sort()).toEqual(geometryCases.map(({ name }) => name).sort());
  });

  // Where two pixels are equally near, PyTorch's float32 may choose the other: angles of the cases leave none. Its resize rounds
  // bytes between the axes, too: one grey level.
  test.each(geometryCases)('$name', (each) => {
    const expected = [fixture.cases[each.name]!].flat() as Encoded[];
    const found = resultsOf(each, photo);
    expect(found.map(({ height, width }) => [height, width])).toEqual(expected.map(({ height, width }) => [height, width]));
    found.forEach(({ pixels }, i) => {
      const bytes = bytesOf(expected[i]!.pixels);
      expect(pixels.length).toBe(bytes.length);
      if (each.exact || each.rounded) expect([...pixels]).toEqual(bytes);
      else expect(Math.max(...differences(pixels, bytes))).toBeLessThanOrEqual(1);
    });
  });

  const filled = geometryCases.filter(({ name }) => 'twice' in fixture.cases[name]!);
  test.each(filled)("$name: other than torchvision's own on the picture's rim alone", (each) => {
    const { twice } = fixture.cases[each.name] as Encoded;
    const [found, white, black] = [photo, grey(255), grey(0)].map((x) => resultsOf(each, x)[0]!.pixels);
    // Of how much of a pixel is the picture, and how much the fill.
    const covered = differences(white!, black!);
    const off = differences(found!, bytesOf(twice!));
    expect(covered.filter((share) => share > 0 && share < 255).length).toBeGreaterThan(20);
    off.forEach((difference, i) => {
      if (covered[i] === 0 || covered[i] === 255) expect(difference).toBeLessThanOrEqual(1);
    });
    expect(Math.max(...off)).toBeGreaterThan(1);
  });

  // float64 on both sides, sums of up to 17 weights: 1e-12 is a thousand times what they lose.
  test.each(Object.entries(fixture.smooth))('noise is smoothed as by ElasticTransform with sigma %s', (sigma, expected) => {
    const found = smoothed(uniform('noise', 99), 9, 11, Number(sigma));
    expect(Math.max(...differences(found, expected))).toBeLessThanOrEqual(1e-12);
  });
});

describe('turning', () => {
  test('by right angles is exact', () => {
    for (let quarter = -8; quarter <= 8; quarter++) {
      const { sin, cos } = sinCos(90 * quarter);
      expect([sin + 0, cos + 0]).toEqual([
        Math.round(Math.sin((quarter * Math.PI) / 2)) + 0,
        Math.round(Math.cos((quarter * Math.PI) / 2)) + 0,
      ]);
    }
    let turned = photo;
    for (let i = 0; i < 4; i++) turned = rotate(turned, 90, { expand: true, interpolation: 'bilinear' });
    expect(turned).toEqual(photo);
    expect(rotate(photo, 360, { interpolation: 'bilinear' })).toEqual(photo);
  });

  test("has the engine's sines to a few units of the last place", () => {
    for (let degrees = -720; degrees <= 720; degrees += 7.3) {
      const { sin, cos } = sinCos(degrees);
      const angle = (degrees * Math.PI) / 180;
      // The engine's angle has three roundings: 13 radians are off by at most 3 x 2^-53 of themselves.
      expect(Math.abs(sin - Math.sin(angle)) + Math.abs(cos - Math.cos(angle))).toBeLessThanOrEqual(2 ** -47);
    }
  });
});
