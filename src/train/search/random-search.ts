import { onlyKnown, positiveInteger } from '../../checks.js';
import { ArgumentError } from '../../geometry.js';
import { mixSeeds, seededRandom } from '../../random.js';
import { checkDistribution, type Distribution, type Drawn, draw } from './distribution.js';
import { runTrials } from './run-trials.js';
import { type Hyperparameters, type Objective, SEARCH_OPTIONS, type SearchOptions, type SearchResult } from './trial.js';

/** Where each hyperparameter is drawn from. */
export type SearchSpace = Readonly<Record<string, Distribution>>;

/** Values drawn from a space. */
export type ValuesOf<Space extends SearchSpace> = { readonly [Name in keyof Space]: Drawn<Space[Name]> };

/** Options of randomSearch. */
export interface RandomSearchOptions<Values extends Hyperparameters = Hyperparameters> extends SearchOptions<Values> {
  /** How many combinations are tried. More of them, with the same seed, begin with the same ones. */
  readonly trials: number;
}

/**
 * Tries combinations drawn at random.
 *
 *     await randomSearch(
 *       { learningRate: { logUniform: [1e-4, 1] }, units: { choice: [64, 128] } },
 *       async ({ learningRate, units }, { seed, signal }) => ...,
 *       { trials: 20 },
 *     )
 *
 * Source: Bergstra, Bengio: Random search for hyper-parameter optimization (2012).
 *
 * @param objective trains and gives a score
 * @throws ArgumentError for an empty space, distributions that are none, or previous trials of another search
 */
export async function randomSearch<const Space extends SearchSpace>(
  space: Space,
  objective: Objective<ValuesOf<Space>>,
  options: RandomSearchOptions<ValuesOf<Space>>,
): Promise<SearchResult<ValuesOf<Space>>> {
  const { trials, seed = 1 } = onlyKnown('randomSearch', options, ['trials', ...SEARCH_OPTIONS]);
  positiveInteger('randomSearch', 'trials', trials);
  const entries = Object.entries(space);
  if (entries.length === 0) throw new ArgumentError('randomSearch: space must have a name with its distribution, got {}');
  for (const [name, distribution] of entries) checkDistribution(name, distribution);
  const values = Array.from({ length: trials }, (_, trial) =>
    // One sequence a hyperparameter: another one in the space does not change its values.
    Object.fromEntries(entries.map(([name, distribution]) => [name, draw(distribution, sequenceOf(seed, trial, name))])),
  );
  return runTrials('randomSearch', values as ValuesOf<Space>[], objective, options);
}

function sequenceOf(seed: number, trial: number, name: string): () => number {
  return seededRandom(mixSeeds(seed, trial, ...Array.from(name, (letter) => letter.codePointAt(0)!)));
}
