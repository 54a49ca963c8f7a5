import { onlyKnown, shown } from '../../checks.js';
import { ArgumentError } from '../../geometry.js';
import { runTrials } from './run-trials.js';
import {
  type Hyperparameters,
  type HyperparameterValue,
  type Objective,
  SEARCH_OPTIONS,
  type SearchOptions,
  type SearchResult,
} from './trial.js';

/** What to try of each hyperparameter. */
export type Grid<Values extends Hyperparameters> = { readonly [Name in keyof Values]: readonly Values[Name][] };

/**
 * Tries every combination. The last name changes fastest.
 *
 *     await gridSearch({ learningRate: [0.1, 0.01], units: [64, 128] }, async ({ learningRate, units }, { seed }) => ...)
 *
 * Random search finds as good values in fewer trials where some hyperparameters matter little: see randomSearch.
 * Source: CS231n notes, neural-networks-3, "Hyperparameter optimization".
 *
 * @param objective trains and gives a score
 * @throws ArgumentError for an empty grid, or previous trials of another search
 */
export async function gridSearch<Values extends Hyperparameters>(
  grid: Grid<Values>,
  objective: Objective<Values>,
  options: SearchOptions<Values> = {},
): Promise<SearchResult<Values>> {
  onlyKnown('gridSearch', options, SEARCH_OPTIONS);
  return runTrials('gridSearch', combinations(grid), objective, options);
}

function combinations<Values extends Hyperparameters>(grid: Grid<Values>): Values[] {
  const names = Object.keys(grid);
  if (names.length === 0) throw new ArgumentError('gridSearch: grid must have a name with its values, got {}');
  let all: Record<string, HyperparameterValue>[] = [{}];
  for (const name of names) {
    const values: readonly HyperparameterValue[] = grid[name]!;
    if (!Array.isArray(values) || values.length === 0) {
      throw new ArgumentError(`gridSearch: grid.${name} must be a list of values, got ${shown(values)}`);
    }
    all = all.flatMap((chosen) => values.map((value) => ({ ...chosen, [name]: value })));
  }
  return all as Values[];
}
