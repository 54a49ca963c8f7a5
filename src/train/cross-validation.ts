import { onlyKnown, positiveInteger, refuse, shown } from '../checks.js';
import { type ImageDataset, selectFromDataset } from '../data/dataset.js';
import { type Normalization, normalizationOf } from '../data/normalization.js';
import { stratifiedFolds } from '../data/splits.js';
import { ArgumentError } from '../geometry.js';
import { mixSeeds } from '../random.js';
import type { ScoredResult } from './search/trial.js';

/** What one training of a cross-validation gets. */
export interface Fold {
  /** The fold's number, from 0. */
  readonly fold: number;
  /** All other folds' pictures, in the dataset's order. */
  readonly train: ImageDataset;
  /** The fold's pictures: every picture is in one fold. */
  readonly test: ImageDataset;
  /** Of the training part: nothing of the test part goes into the training. */
  readonly normalization: Normalization;
  /** For all randomness of the training: follows from the seed and the fold's number. */
  readonly seed: number;
  /** As it was given: hand it on to `fit`. */
  readonly signal?: AbortSignal;
}

/** Options of crossValidate. */
export interface CrossValidationOptions {
  /** How many parts, and trainings; default 5. */
  readonly folds?: number;
  /** Of the folds and the trainings; default 1. */
  readonly seed?: number;
  /** Ends it between two trainings, and trainings that heed it; its reason is thrown. */
  readonly signal?: AbortSignal;
}

/** What crossValidate gave: plain JSON. */
export interface CrossValidationResult {
  /** Mean of the scores. */
  readonly mean: number;
  /** Standard deviation of the scores, divided by folds - 1. */
  readonly std: number;
  /** Each fold's score, and what else its training gave. */
  readonly results: readonly ScoredResult[];
}

/**
 * k-fold cross-validation: cuts a dataset into folds with the same shares of all classes, trains as often as there are folds, each time
 * on all but one, and measures on that one.
 *
 *     const { mean, std } = await crossValidate(dataset, { folds: 5 }, async ({ train, test, normalization, seed }) => {
 *       const net = leNet5({ seed });
 *       const { epochs } = await fit(net, train, { epochs: 3, test, normalization, seed });
 *       return epochs.at(-1)!.test!.accuracy;
 *     });
 *
 * Source: CS231n notes, classification, "Validation sets for hyperparameter tuning".
 *
 * @param run trains a fresh net and gives a score, or one with details
 * @throws ArgumentError for fewer than 2 folds, fewer pictures than folds, or a score that is no finite number;
 *   whatever run throws
 */
export async function crossValidate(
  dataset: ImageDataset,
  options: CrossValidationOptions,
  run: (fold: Fold) => number | ScoredResult | Promise<number | ScoredResult>,
): Promise<CrossValidationResult> {
  const { folds = 5, seed = 1, signal } = onlyKnown('crossValidate', options, ['folds', 'seed', 'signal']);
  if (positiveInteger('crossValidate', 'folds', folds) < 2) refuse('crossValidate', 'folds', '2 or more', folds);
  const results: ScoredResult[] = [];
  for (const [fold, places] of stratifiedFolds(dataset.labels, folds, seed).entries()) {
    signal?.throwIfAborted();
    const train = selectFromDataset(dataset, allBut(places, dataset.count));
    const test = selectFromDataset(dataset, places);
    const parts = { fold, train, test, normalization: normalizationOf(train) };
    const result = await run({ ...parts, seed: mixSeeds(seed, fold), signal });
    const scored = typeof result === 'number' ? { score: result } : result;
    if (!Number.isFinite(scored?.score)) {
      throw new ArgumentError(`crossValidate: run must give a finite score, got ${shown(scored?.score)} of fold ${fold}`);
    }
    results.push(scored);
  }
  const mean = results.reduce((sum, { score }) => sum + score, 0) / folds;
  const squares = results.reduce((sum, { score }) => sum + (score - mean) ** 2, 0);
  return { mean, std: Math.sqrt(squares / (folds - 1)), results };
}

/** Ascending, as they lie in the dataset. */
function allBut(places: Int32Array, count: number): Int32Array {
  const held = new Uint8Array(count);
  for (const place of places) held[place] = 1;
  return Int32Array.from({ length: count }, (_, place) => place).filter((place) => held[place] === 0);
}
