/** Colour, noise and erasing: against torchvision, against what is defined, and what is drawn. */
import * as augment from '../src/augment/index.js';
import type { Picture } from '../src/data/resize.js';
import { picture } from './augment-parts.js';
import { fixture } from './fixtures.js';

interface Golden {
  picture: string;
  channels: number;
  function: string;
  arguments: unknown[];
  pixels: string;
}
const { height, width, cases } = fixture<{ height: number; width: number; cases: Golden[] }>('torchvision-colour.json');

function inputOf({ picture: name, channels }: Golden): Picture {
  const photo = picture('photo', height, width, channels);
  return name === 'dim' ? { ...photo, pixels: photo.pixels.map((level) => (level >> 3) + 60) } : photo;
}

const functionOf = (name: string) =>
  (augment as unknown as Record<string, <X extends augment.Pixels>(x: X, ...args: unknown[]) => X>)[name]!;

/** Tables, boxes and whole arithmetic: the same bytes. Elsewhere torchvision's float32 may fall on the other side of a level. */
const SAME = ['adjustBrightness', 'adjustGamma', 'greyscale', 'posterize', 'solarize', 'equalize', 'invert', 'erase'];

describe('functions give what torchvision gives, within one grey level', () => {
  test.each(
    cases.map((c) => [`${c.function} ${JSON.stringify(c.arguments)} of ${c.picture}, ${c.channels} channels`, c] as const),
  )('%s', (_, c) => {
    const expected = Buffer.from(c.pixels, 'base64');
    const { pixels } = functionOf(c.function)(inputOf(c), ...c.arguments);
    expect(pixels.length).toBe(expected.length);
    const differences = pixels.map((level, i) => Math.abs(level - expected[i]!));
    const most = Math.max(...differences);
    expect(most).toBeLessThanOrEqual(SAME.includes(c.function) ? 0 : 1);
  });
});
