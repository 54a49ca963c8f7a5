/** Searches over hyperparameters: what is tried, what is kept, and going on; cross-validation. */
import { type ImageDataset, normalizationOf } from '../src/data/index.js';
import { stratifiedFolds } from '../src/data/splits.js';
import {
  crossValidate,
  type Distribution,
  type Fold,
  formatTrials,
  gridSearch,
  randomSearch,
  type Trial,
} from '../src/train/index.js';

const byTrial = (trials: readonly Trial[]) => [...trials].sort((a, b) => a.trial - b.trial);

/** Without times, which differ. */
const timeless = (trials: readonly Trial[]) => trials.map(({ seconds, ...trial }) => trial);

describe('grid search', () => {
  const grid = { learningRate: [0.1, 0.01], net: ['a', 'b', 'c'] };

  test('tries every combination once, the best first', async () => {
    const { trials, best } = await gridSearch(grid, ({ learningRate, net }) => learningRate * (net === 'b' ? -1 : 1));
    expect(byTrial(trials).map(({ values }) => Object.values(values))).toEqual([
      [0.1, 'a'],
      [0.1, 'b'],
      [0.1, 'c'],
      [0.01, 'a'],
      [0.01, 'b'],
      [0.01, 'c'],
    ]);
    expect(trials.map(({ trial }) => trial)).toEqual([0, 2, 3, 5, 4, 1]);
    expect(best).toBe(trials[0]);
  });

  test("mode 'min' turns the order", async () => {
    const { trials } = await gridSearch({ x: [3, 1, 2] }, ({ x }) => x, { mode: 'min' });
    expect(trials.map(({ score }) => score)).toEqual([1, 2, 3]);
  });

  test('a failure is recorded, and stands last in either mode', async () => {
    const objective = async ({ x }: { x: number }) => {
      if (x === 1) throw new RangeError('too much');
      return x === 2 ? { score: NaN, epoch: 3 } : x === 3 ? (undefined as never) : { score: x, epoch: 7 };
    };
    for (const mode of ['max', 'min'] as const) {
      const { trials, best } = await gridSearch({ x: [1, 2, 3, 4] }, objective, { mode });
      expect(best!.trial).toBe(3);
      expect(timeless(trials)).toEqual([
        { trial: 3, values: { x: 4 }, seed: expect.any(Number), score: 4, details: { epoch: 7 } },
        { trial: 0, values: { x: 1 }, seed: expect.any(Number), error: 'RangeError: too much' },
        { trial: 1, values: { x: 2 }, seed: expect.any(Number), error: 'the score is NaN', details: { epoch: 3 } },
        {
          trial: 2,
          values: { x: 3 },
          seed: expect.any(Number),
          error: 'the objective must give a number or {score: a number, ...}, got undefined',
        },
      ]);
    }
    const none = await gridSearch({ x: [1] }, objective);
    expect(none).not.toHaveProperty('best');
  });

  test('as a table', async () => {
    const { trials } = await gridSearch({ learningRate: [0.1, 1 / 3, 1], net: ['a'] }, ({ learningRate }) => {
      if (learningRate === 1) throw new Error('the loss is\nNaN');
      return learningRate;
    });
    const still = trials.map((trial) => ({ ...trial, seconds: 12.34 }));
    expect(formatTrials({ trials: still }).split('\n')).toEqual([
      'trial  learningRate  net  score                           seconds',
      '    1  0.3333        a    0.3333                             12.3',
      '    0  0.1           a    0.1                                12.3',
      '    2  1             a    failed: Error: the loss is NaN     12.3',
    ]);
  });
});

describe('random search', () => {
  const space = {
    rate: { logUniform: [1e-4, 1] },
    decay: { uniform: [-1, 3] },
    layers: { integer: [2, 4] },
    net: { choice: ['a', 'b'] },
  } as const;
  const objective = ({ rate, decay, layers, net }: { rate: number; decay: number; layers: number; net: 'a' | 'b' }) =>
    rate + decay + layers + (net === 'a' ? 1 : 0);

  test('draws from the distributions', async () => {
    const count = 1000;
    const { trials } = await randomSearch(space, objective, { trials: count, seed: 5 });
    const all = trials.map(({ values }) => values);
    // Bounds of 5 standard deviations of a binomial count: 5 sqrt(1000 / 4) = 79 of a half, 75 of a third.
    const countOf = (test: (values: (typeof all)[number]) => boolean) => all.filter(test).length;
    expect(Math.abs(countOf(({ rate }) => rate < 1e-2) - count / 2)).toBeLessThan(79);
    expect(Math.abs(countOf(({ decay }) => decay < 1) - count / 2)).toBeLessThan(79);
    for (const layers of [2, 3, 4]) expect(Math.abs(countOf((values) => values.layers === layers) - count / 3)).toBeLessThan(75);
    expect(Math.abs(countOf(({ net }) => net === 'a') - count / 2)).toBeLessThan(79);
    expect(all.every(({ rate, decay }) => rate >= 1e-4 && rate <= 1 && decay >= -1 && decay < 3)).toBe(true);
    // Neither hyperparameters nor trials go together: quarters of the square of rate and decay.
    expect(Math.abs(countOf(({ rate, decay }) => rate < 1e-2 && decay < 1) - count / 4)).toBeLessThan(69);
    expect(new Set(all.map(({ rate }) => rate)).size).toBe(count);
  });

  test('follows from the seed; more trials begin with the same ones', async () => {
    const one = await randomSearch(space, objective, { trials: 8, seed: 3 });
    const two = await randomSearch(space, objective, { trials: 8, seed: 3 });
    const longer = await randomSearch(space, objective, { trials: 12, seed: 3 });
    const other = await randomSearch(space, objective, { trials: 8, seed: 4 });
    expect(timeless(two.trials)).toEqual(timeless(one.trials));
    expect(timeless(byTrial(longer.trials)).slice(0, 8)).toEqual(timeless(byTrial(one.trials)));
    expect(byTrial(other.trials)[0]!.values).not.toEqual(byTrial(one.trials)[0]!.values);
    expect(new Set([...longer.trials, ...other.trials].map(({ seed }) => seed)).size).toBe(20);
  });

  test('goes on from what was written down', async () => {
    const whole = await randomSearch(space, objective, { trials: 6 });
    const stop = new AbortController();
    const written: string[] = [];
    const interrupted = randomSearch(
      space,
      (values, { trial, signal }) => {
        expect(signal).toBe(stop.signal);
        if (trial === 3) stop.abort(new Error('enough'));
        return objective(values);
      },
      { trials: 6, signal: stop.signal, onTrial: (trial) => void written.push(JSON.stringify(trial)) },
    );
    await expect(interrupted).rejects.toThrow('enough');
    // The trial in which it ended is no result.
    expect(written).toHaveLength(3);

    const made: number[] = [];
    const rest = await randomSearch(
      space,
      (values, { trial }) => {
        made.push(trial);
        return objective(values);
      },
      { trials: 6, previous: written.map((line) => JSON.parse(line) as (typeof whole.trials)[number]) },
    );
    expect(made).toEqual([3, 4, 5]);
    expect(timeless(rest.trials)).toEqual(timeless(whole.trials));
  });
});

describe('stratified folds', () => {
  // 23, 11, 5 and 2 pictures.
  const labels = Int32Array.from([...Array(23).fill(0), ...Array(11).fill(1), ...Array(5).fill(2), ...Array(2).fill(9)]);

  test.each([2, 3, 5, 41])('%d: every picture in one, every class in all alike', (folds) => {
    const parts = stratifiedFolds(labels, folds, 3);
    expect(parts).toHaveLength(folds);
    expect(parts.flatMap((part) => [...part]).sort((a, b) => a - b)).toEqual(Array.from(labels.keys()));
    const spread = (counts: number[]) => Math.max(...counts) - Math.min(...counts);
    expect(spread(parts.map(({ length }) => length))).toBeLessThanOrEqual(1);
    for (const label of [0, 1, 2, 9]) {
      expect(spread(parts.map((part) => part.filter((place) => labels[place] === label).length))).toBeLessThanOrEqual(1);
    }
    for (const part of parts) expect([...part]).toEqual([...part].sort((a, b) => a - b));
  });

  test('follow from the seed', () => {
    expect(stratifiedFolds(labels, 4, 3)).toEqual(stratifiedFolds(labels, 4, 3));
    expect(stratifiedFolds(labels, 4, 3)).not.toEqual(stratifiedFolds(labels, 4, 4));
    expect(() => stratifiedFolds(labels, 42, 3)).toThrow(
      'stratifiedFolds: folds must be at most the number of pictures, 41, got 42',
    );
  });
});

describe('cross-validation', () => {
  /** Pictures of one pixel that says their place. */
  const dataset: ImageDataset = {
    images: Uint8Array.from({ length: 40 }, (_, place) => place * 6),
    labels: Int32Array.from({ length: 40 }, (_, place) => (place < 30 ? 0 : 1)),
    count: 40,
    height: 1,
    width: 1,
    channels: 1,
    classNames: ['many', 'few'],
    sourceDescription: 'places',
  };

  /** What every training gets. */
  async function foldsOf(seed: number, folds = 5): Promise<Fold[]> {
    const all: Fold[] = [];
    await crossValidate(dataset, { folds, seed }, (fold) => all.push(fold));
    return all;
  }

  test('trains on all but one fold and measures on that one', async () => {
    const folds = await foldsOf(1);
    expect(folds.map(({ fold }) => fold)).toEqual([0, 1, 2, 3, 4]);
    expect(folds.flatMap(({ test: part }) => [...part.images]).sort((a, b) => a - b)).toEqual([...dataset.images]);
    for (const { train, test: part, normalization } of folds) {
      expect([...train.images, ...part.images].sort((a, b) => a - b)).toEqual([...dataset.images]);
      expect([train.count, part.count]).toEqual([32, 8]);
      expect(part.labels.filter((label) => label === 1)).toHaveLength(2);
      expect([...part.labels]).toEqual([...part.images].map((pixel) => (pixel < 180 ? 0 : 1)));
      // Nothing of the test part goes into the training.
      expect(normalization).toEqual(normalizationOf(train));
      expect(normalization).not.toEqual(normalizationOf(dataset));
    }
    expect(new Set(folds.map(({ seed }) => seed)).size).toBe(5);
  });

  test('follows from the seed', async () => {
    expect(await foldsOf(1)).toEqual(await foldsOf(1));
    expect((await foldsOf(2))[0]!.test).not.toEqual((await foldsOf(1))[0]!.test);
    expect(await foldsOf(1, 3)).toHaveLength(3);
  });

  test('gives mean and deviation', async () => {
    const { mean, std, results } = await crossValidate(dataset, { folds: 4 }, async ({ fold }) =>
      fold === 0 ? 2 : { score: 4 + fold, epochs: fold },
    );
    expect(results).toEqual([{ score: 2 }, { score: 5, epochs: 1 }, { score: 6, epochs: 2 }, { score: 7, epochs: 3 }]);
    expect(mean).toBe(5);
    expect(std).toBeCloseTo(Math.sqrt((9 + 0 + 1 + 4) / 3), 12);
  });

  test('ends with what a training throws, a score that is none, or a signal', async () => {
    const run = (score: unknown) => crossValidate(dataset, {}, () => score as number);
    await expect(run(NaN)).rejects.toThrow('crossValidate: run must give a finite score, got NaN of fold 0');
    await expect(run(undefined)).rejects.toThrow('crossValidate: run must give a finite score, got undefined of fold 0');
    await expect(crossValidate(dataset, { folds: 1 }, () => 1)).rejects.toThrow('crossValidate: folds must be 2 or more, got 1');
    const failing = crossValidate(dataset, {}, () => {
      throw new RangeError('too much');
    });
    await expect(failing).rejects.toThrow('too much');
    const stop = new AbortController();
    const seen: number[] = [];
    const ended = crossValidate(dataset, { signal: stop.signal }, ({ fold, signal }) => {
      expect(signal).toBe(stop.signal);
      if (seen.push(fold) === 2) stop.abort(new Error('enough'));
      return 1;
    });
    await expect(ended).rejects.toThrow('enough');
    expect(seen).toEqual([0, 1]);
  });
});

describe('misuse', () => {
  const score = () => 1;
  const search = (distribution: unknown) => () => randomSearch({ x: distribution as Distribution }, score, { trials: 1 });

  test.each([
    ['an empty grid', () => gridSearch({}, score), 'gridSearch: grid must have a name with its values, got {}'],
    ['no values', () => gridSearch({ x: [] }, score), 'gridSearch: grid.x must be a list of values, got []'],
    ['a mode', () => gridSearch({ x: [1] }, score, { mode: 'best' as never }), 'gridSearch: mode must be one of "max", "min"'],
    [
      'an empty space',
      () => randomSearch({}, score, { trials: 1 }),
      'randomSearch: space must have a name with its distribution',
    ],
    [
      'no trials',
      () => randomSearch({ x: { choice: [1] } }, score, { trials: 0 }),
      'randomSearch: trials must be a positive integer',
    ],
    ['a kind', search({ normal: [0, 1] }), 'randomSearch: space.x must be {uniform: [low, high]}, {logUniform: [low, high]}'],
    ['two kinds', search({ uniform: [0, 1], choice: [1] }), 'randomSearch: space.x must be {uniform: [low, high]}'],
    ['a list', search([1, 2]), 'randomSearch: space.x must be {uniform: [low, high]}'],
    ['an empty choice', search({ choice: [] }), 'randomSearch: space.x must be {choice: a list of values}, got {"choice":[]}'],
    ['an order', search({ uniform: [1, 0] }), 'randomSearch: space.x must be {uniform: [low, high]}, numbers with low <= high'],
    ['logarithm of 0', search({ logUniform: [0, 1] }), '{logUniform: [low, high]}, numbers with 0 < low <= high'],
    ['half an integer', search({ integer: [0, 1.5] }), '{integer: [low, high]}, integers with low <= high'],
    [
      'trials of another search',
      () => gridSearch({ x: [1, 2] }, score, { previous: [{ trial: 1, values: { x: 3 }, seed: 1, seconds: 1 }] }),
      'previous must be trials of the same search, with its space and seed; got trial 1 with {"x":3}, which is {"x":2} here',
    ],
    [
      'what is no trial',
      () => gridSearch({ x: [1] }, score, { previous: [null as never] }),
      'gridSearch: previous must be a list',
    ],
  ])('%s', async (_, misuse, message) => {
    await expect(misuse()).rejects.toThrow(message);
  });
});
