import * as tf from '@tensorflow/tfjs-core';
import '../src/index.js';
import { dropout } from '../src/ops/dropout/dropout.js';
import { type DropoutGeometry, maskAt, maskKeys } from '../src/ops/dropout/mask.js';
import { expectWithin, onReference, Sides } from './kernel-sides.js';
import { generator, integer, seed, values } from './random.js';

function geometry(shape: number[], rate: number, from: number): DropoutGeometry {
  return {
    shape,
    size: shape.reduce((a, b) => a * b, 1),
    ...maskKeys(from),
    threshold: Math.floor(rate * 2 ** 32),
    scale: Math.fround(1 / (1 - rate)),
  };
}

/** 1 where an element is kept. */
const kept = (n: number, rate: number, from: number): number[] => {
  const g = geometry([n], rate, from);
  return Array.from({ length: n }, (_, i) => (maskAt(i, g) === 0 ? 0 : 1));
};

describe(`dropout (seed ${seed})`, () => {
  let sides: Sides;
  beforeAll(async () => {
    sides = await Sides.create();
  });
  afterAll(() => sides.dispose());

  test('drops the same elements on every backend, forward and backward', async () => {
    const random = generator(seed);
    for (const n of [1, 3, 4, 7, 64 * 84, integer(random, 1, 2000), 33_001]) {
      for (const [rate, from] of [
        [0.5, 0],
        [0.2, seed],
        [0, 1],
        [0.999, -5],
        [0.4, 2 ** 52 + 1],
      ]) {
        const g = geometry([n], rate, from);
        const x = values(random, n).map((v, i) => (i === 5 ? NaN : v));
        const expected = onReference(dropout.definition, 'forward', { x }, g)['y'];
        const found = await sides.run(dropout.definition, 'forward', { x }, { x: [n] }, g);
        for (const side in found)
          expectWithin(`y by ${side}`, found[side]['y'], Float64Array.from(expected, Math.fround), () => 0);
        const backward = await sides.run(dropout.definition, 'dx', { dy: x }, { dy: [n] }, g);
        for (const side in backward)
          expectWithin(`dx by ${side}`, backward[side]['dx'], Float64Array.from(expected, Math.fround), () => 0);
      }
    }
  });

  // Counts of n coins of chance p lie within 5 sqrt(n p (1 - p)), but for 6 in ten million draws.
  test('drops as many as the rate says, whatever the seed', () => {
    const n = 100_000;
    for (const rate of [0.1, 0.5, 0.9]) {
      for (const from of [0, 1, 2, 3, seed, -1, 2 ** 40]) {
        const count = kept(n, rate, from).reduce((a, b) => a + b, 0);
        expect(Math.abs(count - n * (1 - rate))).toBeLessThan(5 * Math.sqrt(n * rate * (1 - rate)));
      }
    }
  });

  test('neighbours, and the masks of seeds that follow each other, are independent', () => {
    const n = 100_000;
    const masks = [0, 1, 2, 2 ** 32].map((offset) => kept(n, 0.5, seed + offset));
    const agreement = (a: number[], b: number[], shift: number): number => a.slice(shift).filter((v, i) => v === b[i]).length;
    const expectHalf = (count: number, of: number): void => expect(Math.abs(count - of / 2)).toBeLessThan(2.5 * Math.sqrt(of));
    for (const shift of [1, 2, 3, 4, 64, 1024]) expectHalf(agreement(masks[0], masks[0], shift), n - shift);
    for (const other of masks.slice(1)) for (const shift of [0, 1, 4]) expectHalf(agreement(masks[0], other, shift), n - shift);
  });

  test.each(['cpu', 'wasm-cnn', 'wasm'])('on the tape of %s', async (backend) => {
    await tf.setBackend(backend);
    tf.tidy(() => {
      const x = tf.ones([6, 50]);
      const { value, grad } = tf.valueAndGrad((v: tf.Tensor) => dropout(v, { rate: 0.25, seed: 3 }))(x, tf.ones([6, 50]));
      expect(Array.from(grad.dataSync())).toEqual(Array.from(value.dataSync()));
      expect(Array.from(value.dataSync())).toEqual(kept(300, 0.25, 3).map((v) => v * Math.fround(4 / 3)));
      expect(() => dropout(x, { rate: 1, seed: 1 })).toThrow('dropout: rate must be in [0, 1), got 1');
      expect(() => dropout(x, { rate: 0.5, seed: 0.5 })).toThrow('dropout: seed must be an integer, got 0.5');
    });
  });
});
