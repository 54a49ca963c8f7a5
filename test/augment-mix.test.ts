/** Mixed batches: what is mixed with what, soft targets, the beta distribution. */
import * as tf from '@tensorflow/tfjs-core';
import '../src/index.js';
import '@tensorflow/tfjs-backend-wasm';
import { type BatchTransform, choiceOf, cutMix, labelSmoothing, mixup } from '../src/augment/index.js';
import { drawBeta } from '../src/augment/mix/beta.js';
import type { TrainingBatch } from '../src/data/batch-source.js';
import { softmaxCrossEntropy } from '../src/index.js';
import { seededRandom } from '../src/random.js';
import { uniform } from './golden-fill.js';

const CLASSES = 4;
const [HEIGHT, WIDTH, CHANNELS] = [6, 8, 3];
const PIXELS = HEIGHT * WIDTH * CHANNELS;

function batchOf(size: number, weights?: Float32Array): TrainingBatch {
  return {
    images: Float32Array.from(uniform('images', size * PIXELS)),
    shape: [HEIGHT, WIDTH, CHANNELS],
    labels: Int32Array.from({ length: size }, (_, i) => (3 * i + 1) % CLASSES),
    places: Int32Array.from({ length: size }, (_, i) => i),
    size,
    ...(weights && { weights }),
  };
}

/** Largest difference; infinite where one is NaN. */
function distance(a: ArrayLike<number>, b: Float32Array): number {
  return b.reduce((most, value, i) => (Math.abs(value - a[i]!) <= most ? most : Math.abs(value - a[i]!) || Infinity), 0);
}

const partner = (i: number, size: number) => (i + size - 1) % size;

/** Share of its own that a picture of an unweighed batch has kept, by its targets. */
function shareOf({ targets, labels }: TrainingBatch, i: number): number {
  return targets![i * CLASSES + labels[i]!]!;
}

describe('mixup', () => {
  test('mixes every picture with the one before it, and labels alike', () => {
    const batch = batchOf(5);
    const { images, targets, labels, places } = mixup().apply(batch, CLASSES, seededRandom(4));
    expect([labels, places]).toEqual([batch.labels, batch.places]);
    // Neighbours have different labels here.
    const own = shareOf({ ...batch, targets }, 1);
    expect(own).toBeGreaterThan(0);
    expect(own).toBeLessThan(1);
    for (let i = 0; i < 5; i++) {
      for (let c = 0; c < CLASSES; c++) {
        const expected = own * Number(c === labels[i]) + (1 - own) * Number(c === labels[partner(i, 5)]);
        expect(targets![i * CLASSES + c]).toBeCloseTo(expected, 6);
      }
      const expected = Array.from({ length: PIXELS }, (_, k) => {
        return own * batch.images[i * PIXELS + k]! + (1 - own) * batch.images[partner(i, 5) * PIXELS + k]!;
      });
      expect(distance(expected, images.subarray(i * PIXELS, (i + 1) * PIXELS))).toBeLessThan(4 * 2 ** -24);
    }
    expect(batch).toEqual(batchOf(5));
  });

  test('of weighed pictures has the loss of both', async () => {
    await tf.setBackend('cpu');
    const weights = Float32Array.of(0.5, 3, 0, 1, 0);
    const batch = batchOf(5, weights);
    const mixed = mixup({ alpha: 0.7 }).apply(batch, CLASSES, seededRandom(9));
    const own = shareOf(mixup({ alpha: 0.7 }).apply(batchOf(5), CLASSES, seededRandom(9)), 1);
    tf.tidy(() => {
      const logits = tf.tensor2d(Float32Array.from(uniform('logits', 5 * CLASSES)), [5, CLASSES]);
      const rows = (labels: tf.Tensor, w: Float32Array) =>
        softmaxCrossEntropy(logits, labels, { weights: tf.tensor1d(w), reduction: 'none' }).dataSync();
      const found = rows(tf.tensor2d(mixed.targets!, [5, CLASSES]), mixed.weights!);
      const rolled = <T extends Int32Array | Float32Array>(values: T): T => values.map((_, i) => values[partner(i, 5)]!) as T;
      const mine = rows(tf.tensor1d(batch.labels, 'int32'), weights);
      const theirs = rows(tf.tensor1d(rolled(batch.labels), 'int32'), rolled(weights));
      found.forEach((loss, i) => expect(loss).toBeCloseTo(own * mine[i]! + (1 - own) * theirs[i]!, 5));
    });
  });
});

describe('cutMix', () => {
  test('takes a box from the picture before, and as much of its label', () => {
    const areas = new Set<number>();
    for (let seed = 0; seed < 20; seed++) {
      const batch = batchOf(3);
      const { images, targets } = cutMix().apply(batch, CLASSES, seededRandom(seed));
      const own = shareOf({ ...batch, targets }, 1);
      for (let i = 0; i < 3; i++) {
        const foreign: [number, number][] = [];
        for (let p = 0; p < HEIGHT * WIDTH; p++) {
          const pixel = (b: number, from: Float32Array) =>
            from.subarray((b * HEIGHT * WIDTH + p) * CHANNELS, (b * HEIGHT * WIDTH + p + 1) * CHANNELS);
          const isOwn = pixel(i, images)[0] === pixel(i, batch.images)[0];
          expect(pixel(i, images)).toEqual(pixel(isOwn ? i : partner(i, 3), batch.images));
          if (!isOwn) foreign.push([Math.floor(p / WIDTH), p % WIDTH]);
        }
        const extent = (axis: 0 | 1) => {
          const places = foreign.map((place) => place[axis]);
          return foreign.length === 0 ? 0 : Math.max(...places) - Math.min(...places) + 1;
        };
        // A full rectangle.
        expect(foreign.length).toBe(extent(0) * extent(1));
        expect(own).toBeCloseTo(1 - foreign.length / (HEIGHT * WIDTH), 6);
        areas.add(foreign.length);
      }
    }
    expect(areas.size).toBeGreaterThan(5);
  });
});

test('labelSmoothing spreads labels and shares', () => {
  const batch = batchOf(2);
  const smooth = labelSmoothing({ epsilon: 0.2 });
  const once = smooth.apply(batch, CLASSES, Math.random);
  const expected = [...batch.labels].flatMap((label) => [0, 1, 2, 3].map((c) => (c === label ? 0.85 : 0.05)));
  once.targets!.forEach((share, i) => expect(share).toBeCloseTo(expected[i]!, 6));
  const twice = smooth.apply(once, CLASSES, Math.random);
  twice.targets!.forEach((share, i) => expect(share).toBeCloseTo(0.8 * expected[i]! + 0.05, 6));
  expect(smooth.getConfig()).toEqual({ epsilon: 0.2 });
});

test('choiceOf takes one of several, as often one as the other; all of it follows from the seed', () => {
  const choice = choiceOf([mixup({ alpha: 0.4 }), cutMix()]);
  expect(choice.getConfig()).toEqual({
    transforms: [
      { name: 'mixup', config: { alpha: 0.4 } },
      { name: 'cutMix', config: { alpha: 1 } },
    ],
  });
  const taken: string[] = [];
  const logged = (name: string): BatchTransform => ({
    name,
    apply(batch) {
      taken.push(name);
      return batch;
    },

    onTensors: (batch) => batch,
    getConfig: () => ({}),
  });
  const random = seededRandom(1);
  for (let i = 0; i < 1000; i++) choiceOf([logged('a'), logged('b')]).apply(batchOf(1), CLASSES, random);
  const first = taken.filter((name) => name === 'a').length;
  // Five deviations of 1,000 throws of a coin.
  expect(Math.abs(first - 500)).toBeLessThan(5 * Math.sqrt(250));
  for (let seed = 0; seed < 10; seed++) {
    const run = () => choice.apply(batchOf(4), CLASSES, seededRandom(seed));
    expect(run()).toEqual(run());
  }
});

describe.each(['cpu', 'wasm-cnn', 'wasm'])('tensors on %s', (backend) => {
  const transforms = [mixup({ alpha: 0.6 }), cutMix(), labelSmoothing(), choiceOf([mixup(), cutMix()])];

  test.each(transforms.map((transform) => [transform.name, transform] as const))(
    '%s is that of batches',
    async (_, transform) => {
      await tf.setBackend(backend);
      const before = tf.memory().numTensors;
      for (let seed = 0; seed < 8; seed++) {
        const batch = batchOf(5);
        const { images, targets } = transform.apply(batch, CLASSES, seededRandom(seed));
        tf.tidy(() => {
          const x = tf.tensor4d(batch.images, [5, HEIGHT, WIDTH, CHANNELS]);
          const oneHot = tf.cast(tf.oneHot(tf.tensor1d(batch.labels, 'int32'), CLASSES), 'float32') as tf.Tensor2D;
          const found = transform.onTensors({ x, targets: oneHot }, seededRandom(seed));
          // Two products and a sum of numbers below 1, rounded each.
          const expectSame = (a: tf.Tensor, b: Float32Array) => expect(distance(a.dataSync(), b)).toBeLessThan(4 * 2 ** -24);
          expect([found.x.shape, found.targets.shape]).toEqual([x.shape, oneHot.shape]);
          expectSame(found.x, images);
          expectSame(found.targets, targets!);
        });
      }
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  test('of other sizes are refused', () => {
    const x = tf.zeros([2, 4, 4, 1]) as tf.Tensor4D;
    const targets = tf.zeros([3, 5]) as tf.Tensor2D;
    expect(() => mixup().onTensors({ x, targets }, seededRandom(1))).toThrow(
      'mixup: x must be [size, height, width, channels] and targets [size, classes], got [2,4,4,1] and [3,5]',
    );
    tf.dispose([x, targets]);
  });
});

test('a batch of one stays as it is', () => {
  for (const transform of [mixup(), cutMix()]) {
    const { images, targets } = transform.apply(batchOf(1), CLASSES, seededRandom(3));
    const before = batchOf(1).images;
    expect(distance(images, before)).toBeLessThan(2 ** -23);
    expect([...targets!]).toEqual([0, 1, 0, 0]);
  }
});

describe('the beta distribution', () => {
  const COUNT = 20_000;
  const sample = (alpha: number) => {
    const random = seededRandom(7);
    return Float64Array.from({ length: COUNT }, () => drawBeta(random, alpha));
  };

  test.each([0.1, 0.2, 0.7, 1, 2.5, 30])('alpha %p: mean and variance', (alpha) => {
    const values = sample(alpha);
    const variance = 1 / (4 * (2 * alpha + 1));
    const mean = values.reduce((sum, v) => sum + v, 0) / COUNT;
    // Five deviations of a mean of so many.
    expect(Math.abs(mean - 0.5)).toBeLessThan(5 * Math.sqrt(variance / COUNT));
    const squares = values.reduce((sum, v) => sum + (v - 0.5) ** 2, 0) / COUNT;
    const fourth = variance ** 2 * (3 - 6 / (2 * alpha + 3));
    expect(Math.abs(squares - variance)).toBeLessThan(5 * Math.sqrt((fourth - variance ** 2) / COUNT));
  });

  test.each<[number, (x: number) => number]>([
    [0.5, (x) => (2 / Math.PI) * Math.asin(Math.sqrt(x))],
    [1, (x) => x],
    [2, (x) => 3 * x ** 2 - 2 * x ** 3],
  ])('alpha %p: the whole distribution', (alpha, below) => {
    const sorted = sample(alpha).sort();
    // Kolmogorov and Smirnov: 2.3 / sqrt(n) is passed once in 20,000.
    const distance = sorted.reduce((most, x, i) => Math.max(most, Math.abs(below(x) - (i + 0.5) / COUNT)), 0);
    expect(distance).toBeLessThan(2.3 / Math.sqrt(COUNT));
  });

  test('of a tiny alpha is 0 or 1, never NaN', () => {
    const random = seededRandom(2);
    const values = Array.from({ length: 100 }, () => drawBeta(random, 1e-6));
    expect(new Set(values)).toEqual(new Set([0, 1]));
  });
});

test.each<[() => unknown, string]>([
  [() => mixup({ alpha: 0 }), 'mixup: alpha must be a finite number above 0, got 0'],
  [() => cutMix({ alpha: NaN }), 'cutMix: alpha must be a finite number above 0, got NaN'],
  [() => labelSmoothing({ epsilon: 1.5 }), 'labelSmoothing: epsilon must be a number in [0, 1], got 1.5'],
  [() => choiceOf([]), 'choiceOf: transforms must be a list of at least one batch transform, got []'],
  [() => mixup().apply(batchOf(4), 3, seededRandom(1)), 'mixup: label 2 of the batch must be a class from 0 to 2, got 3'],
  [
    () => cutMix().apply({ ...batchOf(4), targets: new Float32Array(8) }, 4, seededRandom(1)),
    'cutMix: targets of the batch must be 4 x 4 shares of classes, got 8',
  ],
])('%p is refused: %s', (act, message) => {
  expect(act).toThrow(message);
});
