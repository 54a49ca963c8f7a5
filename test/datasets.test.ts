/** Sets of pictures in memory: their scale, order and parts; the digits that are drawn. */
import { type ImageDataset, sliceDataset } from '../src/data/dataset.js';
import { syntheticDigits } from '../src/data/digits.js';
import { normalizationOf, normalizer } from '../src/data/normalization.js';
import { randomPermutation } from '../src/random.js';

/** `count` pictures of 1 x 2 pixels and 2 channels; picture i holds i, 255 - i, i + 1, 5; its label is i. */
function numbered(count: number): ImageDataset {
  const images = Uint8Array.from({ length: 4 * count }, (_, k) => [k >> 2, 255 - (k >> 2), (k >> 2) + 1, 5][k & 3]);
  const classNames = Array.from({ length: count }, (_, i) => `${i}`);
  const labels = Int32Array.from({ length: count }, (_, i) => i);
  return { images, labels, count, height: 1, width: 2, channels: 2, classNames, sourceDescription: 'numbers' };
}

describe('normalisation', () => {
  it('makes mean 0 and deviation 1 per channel', () => {
    const dataset = numbered(100);
    const values = new Float32Array(400);
    normalizer(normalizationOf(dataset))(dataset.images, values, 0);
    for (const c of [0, 1]) {
      const channel = values.filter((_, i) => i % 2 === c);
      const mean = channel.reduce((sum, value) => sum + value) / channel.length;
      const variance = channel.reduce((sum, value) => sum + (value - mean) ** 2, 0) / channel.length;
      expect(mean).toBeCloseTo(0, 5);
      expect(variance).toBeCloseTo(1, 5);
    }
  });

  it('gives a channel without contrast the deviation 1', () => {
    const black = { ...numbered(3), images: new Uint8Array(12) };
    expect(normalizationOf(black)).toEqual({ mean: [0, 0], std: [1, 1] });
  });
});

it('shuffles without favourites', () => {
  // How often a number comes first, over 8000 seeds, is binomial: 1000 +- 30; 6 deviations are allowed.
  const first = new Int32Array(8);
  for (let seed = 0; seed < 8000; seed++) first[randomPermutation(8, seed)[0]]++;
  for (const n of first) expect(Math.abs(n - 1000)).toBeLessThan(180);
});

it('slices without copying', () => {
  const slice = sliceDataset(numbered(9), 3, 100);
  expect([slice.count, slice.labels[0], slice.images[0]]).toEqual([6, 3, 3]);
});

describe('synthetic digits', () => {
  const { train, test } = syntheticDigits({ train: 2000, test: 100 });

  it('look like MNIST: size, box, ink, centre of mass', () => {
    expect([train.height, train.width, train.channels, train.count, test.count]).toEqual([28, 28, 1, 2000, 100]);
    const ink = train.images.reduce((sum, value) => sum + value, 0) / train.images.length / 255;
    expect(ink).toBeGreaterThan(0.1); // MNIST: 0.1307
    expect(ink).toBeLessThan(0.16);
    for (let i = 0; i < 100; i++) {
      let [mass, x, y] = [0, 0, 0];
      for (let p = 0; p < 784; p++) {
        const value = train.images[i * 784 + p];
        mass += value;
        x += value * ((p % 28) + 0.5);
        y += value * (Math.floor(p / 28) + 0.5);
      }
      expect(Math.abs(x / mass - 14)).toBeLessThan(1.5);
      expect(Math.abs(y / mass - 14)).toBeLessThan(1.5);
    }
  });

  it('come in all classes, no two alike, the same for the same seed', () => {
    expect(new Set(train.labels).size).toBe(10);
    const pictures = new Set(Array.from({ length: 500 }, (_, i) => train.images.subarray(i * 784, (i + 1) * 784).join()));
    expect(pictures.size).toBe(500);
    expect(syntheticDigits({ train: 10, test: 0 }).train.images).toEqual(train.images.slice(0, 7840));
    expect(syntheticDigits({ train: 10, test: 0 }, 2).train.images).not.toEqual(train.images.slice(0, 7840));
  });
});
