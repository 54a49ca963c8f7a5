import { oneOf } from '../../checks.js';
import type { CnnOptimizer } from './cnn-optimizer.js';
import { Sgd, type SgdOptions } from './sgd.js';

/** The options of every optimizer, by the names that createOptimizer takes. */
export interface OptimizerOptionsByName {
  readonly sgd: SgdOptions;
}

/** A name that createOptimizer takes. */
export type OptimizerName = keyof OptimizerOptionsByName;

const made: { readonly [Name in OptimizerName]: (options: OptimizerOptionsByName[Name]) => CnnOptimizer } = {
  sgd: (options) => new Sgd(options),
};

/** Names that createOptimizer takes. */
export const OPTIMIZERS = Object.keys(made) as readonly OptimizerName[];

/** An optimizer by its name: createOptimizer('sgd', { learningRate: 0.1, momentum: 0.9 }). @throws ArgumentError for another name */
export function createOptimizer<Name extends OptimizerName>(
  name: Name,
  options: OptimizerOptionsByName[Name] = {},
): CnnOptimizer {
  oneOf('createOptimizer', 'name', name, OPTIMIZERS);
  return made[name](options);
}
