/** Colour, noise and erasing: against torchvision, against what is defined, and what is drawn. */
import * as tf from '@tensorflow/tfjs-core';
import '../src/standard/register.js';
import '@tensorflow/tfjs-backend-wasm';
import * as augment from '../src/augment/index.js';
import type { Picture } from '../src/data/resize.js';
import { seededRandom } from '../src/random.js';
import { picture, tensorOf } from './augment-parts.js';
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

/** Of half of the grey levels, so that autocontrast has something to do. */
const half = (x: Picture): Picture => ({ ...x, pixels: x.pixels.map((level) => (level >> 1) + 60) });
const photo = half(picture('photo', 17, 19, 3));
const grey = half(picture('grey', 17, 19, 1));
const pixelsOf = (transform: augment.Transform, seed: number, x: Picture = photo) =>
  transform.draw(seededRandom(seed), x).onPicture(x).pixels;

const transforms: [string, () => augment.Transform][] = [
  ['RandomInvert', () => new augment.RandomInvert()],
  ['RandomPosterize', () => new augment.RandomPosterize({ bits: 3 })],
  ['RandomSolarize', () => new augment.RandomSolarize({ threshold: 100 })],
  ['RandomGrayscale', () => new augment.RandomGrayscale({ p: 0.5 })],
  ['RandomAutocontrast', () => new augment.RandomAutocontrast()],
  ['RandomEqualize', () => new augment.RandomEqualize()],
  ['RandomAdjustSharpness', () => new augment.RandomAdjustSharpness({ sharpnessFactor: 1.7 })],
  ['GaussianBlur', () => new augment.GaussianBlur({ kernelSize: [3, 5] })],
  ['GaussianNoise', () => new augment.GaussianNoise({ mean: 0.05, sigma: 0.2 })],
  ['SaltAndPepperNoise', () => new augment.SaltAndPepperNoise()],
  ['ColorJitter', () => new augment.ColorJitter({ brightness: 0.4, contrast: [0.5, 1.5], saturation: 1, hue: 0.2 })],
  ['RandomErasing', () => new augment.RandomErasing()],
  ['RandomErasing by noise', () => new augment.RandomErasing({ value: 'random', p: 1 })],
  ['Cutout', () => new augment.Cutout({ size: [5, 8], value: 128 })],
];
const coloured: [string, () => augment.Transform][] = [
  ['RgbShift', () => new augment.RgbShift({ red: 50, green: [-10, 90] })],
  ['PcaColour', () => new augment.PcaColour({ deviation: 1 })],
  ['RandomErasing by a colour', () => new augment.RandomErasing({ value: [1, 2, 300] })],
];

describe.each([...transforms, ...coloured])('%s', (name, make) => {
  const pictures = coloured.some(([each]) => each === name) ? [photo] : [photo, grey];

  test('draws the same from the same seed, and from JSON', () => {
    const again = augment.transformFrom(JSON.parse(JSON.stringify(augment.serializedTransform(make()))));
    for (const x of pictures) {
      const seen = new Set<string>();
      for (let seed = 0; seed < 20; seed++) {
        expect(pixelsOf(again, seed, x)).toEqual(pixelsOf(make(), seed, x));
        seen.add(pixelsOf(again, seed, x).join());
      }
      // RandomGrayscale has nothing to do with grey pictures.
      expect(seen.size).toBeGreaterThan(x === grey && name === 'RandomGrayscale' ? 0 : 1);
    }
    expect(make().sizeAfter(photo)).toBe(photo);
  });

  test.each(['cpu', 'wasm-cnn', 'wasm'])('gives the same bytes on %s', async (backend) => {
    await tf.setBackend(backend);
    const before = tf.memory().numTensors;
    for (const x of pictures) {
      for (let seed = 0; seed < 6; seed++) {
        const operation = make().draw(seededRandom(seed), x);
        const levels = tf.tidy(() => operation.onTensor(tensorOf(x)).dataSync());
        expect([...levels]).toEqual([...operation.onPicture(x).pixels]);
      }
    }
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('levels of tensors', () => {
  test('count as the nearest whole ones, so that hairs do not decide', async () => {
    await tf.setBackend('cpu');
    tf.tidy(() => {
      const x = tf.tensor3d([99.6, 100.4, -3, 260], [2, 2, 1]);
      expect([...augment.solarize(x, 100).dataSync()]).toEqual([155, 155, 0, 0]);
      expect([...augment.posterize(tf.tensor3d([127.6, 127.4], [1, 2, 1]), 1).dataSync()]).toEqual([128, 0]);
    });
  });
});

describe('ColorJitter', () => {
  const { adjustBrightness, adjustContrast, adjustHue, adjustSaturation, ColorJitter } = augment;

  test('applies what functions do, in any order', () => {
    const steps = [
      <X extends augment.Pixels>(x: X) => adjustBrightness(x, 0.7),
      <X extends augment.Pixels>(x: X) => adjustContrast(x, 1.6),
      <X extends augment.Pixels>(x: X) => adjustSaturation(x, 0.4),
      <X extends augment.Pixels>(x: X) => adjustHue(x, 0.25),
    ];
    const fixed = new ColorJitter({ brightness: [0.7, 0.7], contrast: [1.6, 1.6], saturation: [0.4, 0.4], hue: [0.25, 0.25] });
    const orders = permutations([0, 1, 2, 3]);
    const results = orders.map((order) => order.reduce((x, step) => steps[step]!(x), photo).pixels.join());
    const times = new Map(results.map((result) => [result, 0]));
    const random = seededRandom(8);
    const count = 2400;
    for (let i = 0; i < count; i++) {
      const result = fixed.draw(random, photo).onPicture(photo).pixels.join();
      times.set(result, times.get(result)! + 1);
    }
    // All orders differ but few, and come about equally often: five deviations of each share.
    for (const [result, found] of times) {
      const share = results.filter((each) => each === result).length / 24;
      expect(Math.abs(found - count * share)).toBeLessThan(5 * Math.sqrt(count * share * (1 - share)));
    }
    expect(times.size).toBeGreaterThan(12);
  });

  test('without options changes nothing', () => {
    expect(pixelsOf(new ColorJitter(), 1)).toBe(photo.pixels);
  });

  test('draws factors of the ranges that are given', () => {
    const white = { pixels: new Uint8Array(3).fill(100), height: 1, width: 1, channels: 3 };
    const random = seededRandom(2);
    const levels = Array.from(
      { length: 500 },
      () => new ColorJitter({ brightness: 0.3 }).draw(random, white).onPicture(white).pixels[0]!,
    );
    expect(Math.min(...levels)).toBe(70);
    expect(Math.max(...levels)).toBe(129);
  });
});

function permutations(items: readonly number[]): number[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item) => permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]));
}

describe('noise', () => {
  const flat = { pixels: new Uint8Array(90_000).fill(128), height: 300, width: 100, channels: 3 };

  test('of GaussianNoise has the mean and deviation asked for', () => {
    const levels = pixelsOf(new augment.GaussianNoise({ mean: 0.02, sigma: 0.1 }), 3, flat);
    const n = levels.length;
    const mean = levels.reduce((sum, level) => sum + level, 0) / n - 128;
    // Rounding adds a twelfth to the variance; five deviations of the mean and of the variance.
    const variance = 25.5 ** 2 + 1 / 12;
    expect(Math.abs(mean - 5.1)).toBeLessThan(5 * Math.sqrt(variance / n));
    const squares = levels.reduce((sum, level) => sum + (level - 128 - 5.1) ** 2, 0) / n;
    expect(Math.abs(squares - variance)).toBeLessThan(5 * variance * Math.sqrt(2 / n));
  });

  test('of SaltAndPepperNoise is black or white, half of it each, in all channels', () => {
    const levels = pixelsOf(new augment.SaltAndPepperNoise({ amount: 0.2 }), 3, flat);
    const times: Record<string, number> = {};
    for (let i = 0; i < levels.length; i += 3) {
      const pixel = levels.subarray(i, i + 3).join();
      times[pixel] = (times[pixel] ?? 0) + 1;
    }
    expect(Object.keys(times).sort()).toEqual(['0,0,0', '128,128,128', '255,255,255']);
    for (const [pixel, share] of Object.entries({ '0,0,0': 0.1, '255,255,255': 0.1 })) {
      expect(Math.abs(times[pixel]! - 30_000 * share)).toBeLessThan(5 * Math.sqrt(30_000 * share * (1 - share)));
    }
  });
});

describe('colours of a data set', () => {
  /** Pixels spread along three orthogonal axes with deviations 40, 20 and 5. */
  const axes = [
    [2, 2, 1],
    [-2, 1, 2],
    [1, -2, 2],
  ].map((axis) => axis.map((value) => value / 3));
  const deviations = [40, 20, 5];
  const signs = [-1, 1];
  const images = Uint8Array.from(
    signs.flatMap((a) =>
      signs.flatMap((b) =>
        signs.flatMap((c) => [0, 1, 2].map((k) => 120 + 40 * a * axes[0]![k]! + 20 * b * axes[1]![k]! + 5 * c * axes[2]![k]!)),
      ),
    ),
    Math.round,
  );
  const dataset = {
    ...{ images, count: 2, height: 2, width: 2, channels: 3 },
    ...{ labels: Int32Array.of(0, 0), classNames: ['a'], sourceDescription: 'made up' },
  };

  test('are what colourPca finds', () => {
    const { eigenvalues, eigenvectors } = augment.colourPca(dataset);
    deviations.forEach((deviation, i) => {
      // Rounding to bytes moves a pixel by at most half a level along every axis of three.
      expect(Math.abs(255 * Math.sqrt(eigenvalues[i]!) - deviation)).toBeLessThan(Math.sqrt(3) / 2);
      const along = eigenvectors[i]!.reduce((sum, value, k) => sum + value * axes[i]![k]!, 0);
      expect(Math.abs(along)).toBeGreaterThan(0.99);
    });
    expect(() => augment.colourPca({ ...dataset, channels: 1 })).toThrow(
      'colourPca: dataset must hold pictures of 3 channels (red, green, blue), got 2 of 1',
    );
  });

  test('are those along which PcaColour moves', () => {
    const one = { pixels: Uint8Array.of(128, 128, 128), height: 1, width: 1, channels: 3 };
    // Large enough that whole levels do not matter, small enough that none is cut.
    const eigenvalues = [0.12, 0, 0] as const;
    const transform = new augment.PcaColour({ deviation: 1, eigenvalues, eigenvectors: augment.colourPca(dataset).eigenvectors });
    const random = seededRandom(4);
    let squares = 0;
    const count = 4000;
    for (let i = 0; i < count; i++) {
      const moved = [...transform.draw(random, one).onPicture(one).pixels].map((level) => level - 128);
      const along = moved.reduce((sum, level, k) => sum + level * axes[0]![k]!, 0);
      expect(Math.hypot(...moved.map((level, k) => level - along * axes[0]![k]!))).toBeLessThan(0.02 * Math.abs(along) + 1);
      squares += along ** 2;
    }
    const variance = (255 * 0.12) ** 2;
    expect(Math.abs(squares / count - variance)).toBeLessThan(5 * variance * Math.sqrt(2 / count) + 1);
  });
});

describe('boxes', () => {
  const white = { pixels: new Uint8Array(40 * 50).fill(255), height: 40, width: 50, channels: 1 };
  /** Of what is black: its box and number of pixels. */
  const boxOf = (pixels: Uint8Array) => {
    const places = [...pixels.keys()].filter((i) => pixels[i] === 0).map((i) => [Math.floor(i / 50), i % 50] as const);
    const extent = (axis: 0 | 1) => {
      const values = places.map((place) => place[axis]);
      return places.length === 0 ? 0 : Math.max(...values) - Math.min(...values) + 1;
    };
    return { height: extent(0), width: extent(1), count: places.length };
  };

  test('of RandomErasing have areas and shapes of the given ranges', () => {
    const transform = new augment.RandomErasing({ p: 1, scale: [0.1, 0.2], ratio: [0.5, 2] });
    let total = 0;
    for (let seed = 0; seed < 300; seed++) {
      const { height, width, count } = boxOf(pixelsOf(transform, seed, white));
      expect(count).toBe(height * width);
      // Sides are rounded by at most a half.
      expect((height + 0.5) * (width + 0.5)).toBeGreaterThanOrEqual(200);
      expect((height - 0.5) * (width - 0.5)).toBeLessThanOrEqual(400);
      expect((height + 0.5) / (width - 0.5)).toBeGreaterThanOrEqual(0.5);
      expect((height - 0.5) / (width + 0.5)).toBeLessThanOrEqual(2);
      total += count;
    }
    // Areas are uniform in [200, 400): five deviations of the mean, and what rounding of sides of some 17 pixels can do.
    expect(Math.abs(total / 300 - 300)).toBeLessThan(5 * (200 / Math.sqrt(12 * 300)) + 1);
    expect(pixelsOf(new augment.RandomErasing({ p: 1, scale: [1, 1] }), 1, white)).toBe(white.pixels);
  });

  test('of Cutout have their middle anywhere, what lies outside cut off', () => {
    const transform = new augment.Cutout({ size: 8 });
    const sizes = new Set<string>();
    for (let seed = 0; seed < 300; seed++) {
      const { height, width, count } = boxOf(pixelsOf(transform, seed, white));
      expect(count).toBe(height * width);
      expect(height).toBeGreaterThanOrEqual(4);
      expect(height).toBeLessThanOrEqual(8);
      sizes.add(`${height} x ${width}`);
    }
    expect(sizes).toContain('8 x 8');
    expect(sizes.size).toBeGreaterThan(4);
  });
});

describe('what is refused', () => {
  const four = { pixels: new Uint8Array(16), height: 2, width: 2, channels: 4 };

  test.each<[string, () => unknown]>([
    ['adjustBrightness: factor must be a finite number >= 0, got -1', () => augment.adjustBrightness(photo, -1)],
    ['adjustContrast: factor must be a finite number >= 0, got NaN', () => augment.adjustContrast(photo, NaN)],
    [
      'adjustSaturation: pictures must have 1 channel (grey) or 3 (red, green, blue), got 4',
      () => augment.adjustSaturation(four, 1),
    ],
    ['adjustHue: factor must be a number in [-0.5, 0.5], got 0.6', () => augment.adjustHue(photo, 0.6)],
    ['adjustGamma: gamma must be a finite number >= 0, got -1', () => augment.adjustGamma(photo, -1)],
    ['adjustGamma: gain must be a finite number above 0, got 0', () => augment.adjustGamma(photo, 1, 0)],
    ['greyscale: pictures must have 1 channel', () => augment.greyscale(four)],
    ['posterize: bits must be an integer from 0 to 8, got 9', () => augment.posterize(photo, 9)],
    ['solarize: threshold must be a finite number, got NaN', () => augment.solarize(photo, NaN)],
    [
      'gaussianBlur: kernelSize must be an odd positive integer, or two, [height, width], got 4',
      () => augment.gaussianBlur(photo, 4),
    ],
    ['gaussianBlur: sigma must be a finite number above 0, got 0', () => augment.gaussianBlur(photo, 3, 0)],
    ['gaussianBlur: kernelSize must be at most [33, 37] for pictures of 17 x 19', () => augment.gaussianBlur(photo, [35, 3])],
    ['erase: box must lie in the picture of 17 x 19', () => augment.erase(photo, { top: 10, left: 0, height: 9, width: 2 })],
    [
      'erase: value must have one grey level for each of the 3 channels, got 2',
      () => augment.erase(photo, { top: 0, left: 0, height: 9, width: 2 }, [1, 2]),
    ],
    ['RandomPosterize: bits must be an integer from 0 to 8, got undefined', () => new augment.RandomPosterize({} as never)],
    ['RandomSolarize: threshold must be a finite number, got undefined', () => new augment.RandomSolarize({} as never)],
    ['RandomAdjustSharpness: sharpnessFactor must be', () => new augment.RandomAdjustSharpness({} as never)],
    [
      'GaussianBlur: sigma must be a finite number above 0, got 0',
      () => new augment.GaussianBlur({ kernelSize: 3, sigma: [0, 1] }),
    ],
    ['GaussianBlur: kernelSize must be', () => new augment.GaussianBlur({ kernelSize: [3, 4] })],
    ['GaussianNoise: sigma must be a finite number >= 0, got -1', () => new augment.GaussianNoise({ sigma: -1 })],
    ['SaltAndPepperNoise: amount must be a number in [0, 1], got 2', () => new augment.SaltAndPepperNoise({ amount: 2 })],
    ['ColorJitter: hue must be within [-0.5, 0.5], got [-0.6,0.6]', () => new augment.ColorJitter({ hue: 0.6 })],
    [
      'ColorJitter: contrast must be [lowest, highest] in that order, from 0 on',
      () => new augment.ColorJitter({ contrast: [-1, 1] }),
    ],
    ['ColorJitter: brightness must be a finite number >= 0', () => new augment.ColorJitter({ brightness: -1 })],
    ['RgbShift: pictures must have 3 channels (red, green, blue), got 1', () => pixelsOf(new augment.RgbShift(), 1, grey)],
    ['shiftRgb: levels must be finite numbers [red, green, blue], got [1,2]', () => augment.shiftRgb(photo, [1, 2] as never)],
    ['RgbShift: green must be', () => new augment.RgbShift({ green: [3, 1] })],
    ['PcaColour: eigenvectors must be given together with eigenvalues', () => new augment.PcaColour({ eigenvalues: [1, 1, 1] })],
    ['PcaColour: deviation must be a finite number >= 0', () => new augment.PcaColour({ deviation: Infinity })],
    [
      'PcaColour: eigenvalues must be finite numbers [first, second, third]',
      () => new augment.PcaColour({ eigenvalues: [1, 1] as never, eigenvectors: [[], [], []] as never }),
    ],
    ['RandomErasing: scale must be [lowest, highest] within [0, 1]', () => new augment.RandomErasing({ scale: [0.1, 2] })],
    ['RandomErasing: ratio must be [lowest, highest] within [0.001, 1000]', () => new augment.RandomErasing({ ratio: [0, 1] })],
    ['RandomErasing: value must be a grey level', () => new augment.RandomErasing({ value: 'noise' as never })],
    ['Cutout: size must be a positive integer or two of them', () => new augment.Cutout({ size: 0 })],
  ])('%s', (message, act) => {
    expect(act).toThrow(message);
  });
});
