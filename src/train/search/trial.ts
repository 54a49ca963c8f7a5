/** One try of a search, and the function that makes it. */

/** What can be searched over: what JSON can say, so that a search can go on from a file. Builders go by their names. */
export type HyperparameterValue = number | string | boolean | null;

/** Values by their names. */
export type Hyperparameters = Readonly<Record<string, HyperparameterValue>>;

/** What an objective is told besides the values. */
export interface TrialContext {
  /** The trial's number, from 0. */
  readonly trial: number;
  /** For all randomness of the trial: follows from the search's seed and the trial's number. */
  readonly seed: number;
  /** Ends the search: hand it on to `fit`. */
  readonly signal?: AbortSignal;
}

/** A score with what else is worth keeping: plain JSON. */
export interface ScoredResult {
  /** What is compared. */
  readonly score: number;
  readonly [detail: string]: unknown;
}

/** Trains with the values and says how good it was. What it throws is recorded, and the search goes on. */
export type Objective<Values extends Hyperparameters> = (
  values: Values,
  context: TrialContext,
) => number | ScoredResult | Promise<number | ScoredResult>;

/** A trial that was made: plain JSON. */
export interface Trial<Values extends Hyperparameters = Hyperparameters> {
  /** Its number, from 0. */
  readonly trial: number;
  /** What was tried. */
  readonly values: Values;
  /** As the objective got it. */
  readonly seed: number;
  /** Absent where the trial failed. */
  readonly score?: number;
  /** What else the objective gave. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** Why the trial failed. */
  readonly error?: string;
  /** How long it took. */
  readonly seconds: number;
}

/** What a search gave: plain JSON. */
export interface SearchResult<Values extends Hyperparameters = Hyperparameters> {
  /** The best first; equal ones in the order in which they were made, failed ones last. */
  readonly trials: readonly Trial<Values>[];
  /** Absent where all failed. */
  readonly best?: Trial<Values>;
}

/** Options of every search. */
export interface SearchOptions<Values extends Hyperparameters = Hyperparameters> {
  /** Of everything random; default 1. */
  readonly seed?: number;
  /** Whether a larger or a smaller score is better: 'max' of an accuracy, 'min' of a loss. Default 'max'. */
  readonly mode?: 'max' | 'min';
  /** Trials of the same search that were made before, failed ones too: they are taken over. */
  readonly previous?: readonly Trial<Values>[];
  /** Is given every new trial: write it down to go on from there. */
  readonly onTrial?: (trial: Trial<Values>) => void | Promise<void>;
  /** Ends the search; its reason is thrown. What was made by then went to onTrial. */
  readonly signal?: AbortSignal;
}

/** Names of SearchOptions. */
export const SEARCH_OPTIONS: readonly (keyof SearchOptions)[] = ['seed', 'mode', 'previous', 'onTrial', 'signal'];
