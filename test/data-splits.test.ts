/** Parts, folds, weights and samplers. */

import { balancedSampler, classWeights, stratifiedSplit, weightedSampler } from '../src/data/index.js';
import { ArgumentError } from '../src/geometry.js';

/** Classes 0, 1 and 2 with 100, 37 and 9 pictures, mixed. */
const labels = Int32Array.from({ length: 146 }, (_, i) => i).map((i) => (i % 146 < 100 ? 0 : i < 137 ? 1 : 2));
const mixed = Int32Array.from(labels, (_, i) => labels[(i * 61) % 146]!);
const all = [...mixed.keys()];
const countsOf = (places: Int32Array) => [0, 1, 2].map((label) => places.filter((place) => mixed[place] === label).length);
const sorted = (...parts: Int32Array[]) => parts.flatMap((part) => [...part]).sort((a, b) => a - b);

describe('stratifiedSplit', () => {
  it('gives every part its share of every class, and every picture to one part', () => {
    const parts = stratifiedSplit(mixed, [0.7, 0.2, 0.1], 5);
    expect(parts.map(countsOf)).toEqual([
      [70, 26, 6],
      [20, 7, 2],
      [10, 4, 1],
    ]);
    expect(sorted(...parts)).toEqual(all);
    for (const part of parts) expect([...part]).toEqual(sorted(part));
  });

  it('follows from the seed', () => {
    expect(stratifiedSplit(mixed, [0.5, 0.5], 1)).toEqual(stratifiedSplit(mixed, [0.5, 0.5], 1));
    expect(stratifiedSplit(mixed, [0.5, 0.5], 1)).not.toEqual(stratifiedSplit(mixed, [0.5, 0.5], 2));
  });

  it('leaves out what no share asks for, and leaves no part without a class', () => {
    expect(stratifiedSplit(mixed, [0.1, 0.1], 1).map(countsOf)).toEqual([
      [10, 4, 1],
      [10, 3, 1],
    ]);
    expect(stratifiedSplit([0, 0, 0], [0.98, 0.01, 0.01], 1).map((part) => part.length)).toEqual([1, 1, 1]);
  });

  it('refuses what cannot be', () => {
    expect(() => stratifiedSplit(mixed, [0.8, 0.3], 1)).toThrow(/shares must be numbers above 0 that add up to 1 at most/);
    expect(() => stratifiedSplit(mixed, [0.8, 0], 1)).toThrow(ArgumentError);
    expect(() => stratifiedSplit([0, 0, 1], [0.5, 0.5], 1)).toThrow(/each of the 2 parts, class 1 has 1/);
  });
});

test('classWeights are those of scikit-learn', () => {
  // sklearn.utils.class_weight.compute_class_weight('balanced', classes=[0, 1, 2], y=[0, 0, 0, 1, 2, 2])
  expect([...classWeights([0, 0, 0, 1, 2, 2])]).toEqual([2 / 3, 2, 1].map(Math.fround));
  expect([...classWeights([0, 2], 4)]).toEqual([1, 0, 1, 0]);
  expect(() => classWeights([0, 3], 3)).toThrow(/classes must be above the largest label, 3, got 3/);
  expect(() => classWeights([])).toThrow(ArgumentError);
});

describe('weightedSampler', () => {
  const weights = [1, 0, 2, 5];

  it('draws as often as the weights say', () => {
    const sampler = weightedSampler(weights, { count: 8000, seed: 2 });
    const counts = [0, 0, 0, 0];
    for (const place of sampler.places(0)) counts[place]!++;
    // Binomial: 1000 +- 30, 2000 +- 39, 5000 +- 43; five deviations are allowed.
    expect(counts[1]).toBe(0);
    expect(Math.abs(counts[0]! - 1000)).toBeLessThan(150);
    expect(Math.abs(counts[2]! - 2000)).toBeLessThan(195);
    expect(Math.abs(counts[3]! - 5000)).toBeLessThan(215);
    expect(sampler.places(0)).toEqual(sampler.places(0));
    expect(sampler.places(1)).not.toEqual(sampler.places(0));
  });

  it('draws each picture once without replacement, the heavier ones first', () => {
    const first = [0, 0, 0, 0];
    const sampler = weightedSampler(weights, { replacement: false, count: 3 });
    for (let epoch = 0; epoch < 8000; epoch++) {
      const places = sampler.places(epoch);
      expect(sorted(places)).toEqual([0, 2, 3]);
      first[places[0]!]!++;
    }
    expect(Math.abs(first[0]! - 1000)).toBeLessThan(150);
    expect(Math.abs(first[3]! - 5000)).toBeLessThan(215);
  });

  it('refuses weights that cannot be drawn by', () => {
    expect(() => weightedSampler([1, -1])).toThrow(/weights must be finite numbers, 0 or more, got -1/);
    expect(() => weightedSampler([0, 0])).toThrow(/1 numbers above 0 to draw 2 pictures with replacement, got 0/);
    expect(() => weightedSampler(weights, { replacement: false })).toThrow(/4 numbers above 0 .* without replacement, got 3/);
  });
});

test('balancedSampler shows classes equally often', () => {
  const counts = [0, 0, 0];
  for (const place of balancedSampler(mixed, { count: 9000 }).places(3)) counts[mixed[place]!]!++;
  // Binomial: 3000 +- 45.
  for (const count of counts) expect(Math.abs(count - 3000)).toBeLessThan(225);
});
