import { oneOf } from '../../checks.js';
import { Adadelta, type AdadeltaOptions } from './adadelta.js';
import { Adagrad, type AdagradOptions } from './adagrad.js';
import { Adam, type AdamOptions } from './adam.js';
import { AdamW } from './adam-w.js';
import { Adamax, type AdamaxOptions } from './adamax.js';
import type { CnnOptimizer } from './cnn-optimizer.js';
import { Lamb, type LambOptions } from './lamb.js';
import { Lars, type LarsOptions } from './lars.js';
import { NAdam, type NAdamOptions } from './n-adam.js';
import { RAdam, type RAdamOptions } from './r-adam.js';
import { RmsProp, type RmsPropOptions } from './rms-prop.js';
import { Sgd, type SgdOptions } from './sgd.js';

/** The options of every optimizer, by the names that createOptimizer takes. */
export interface OptimizerOptionsByName {
  /** Of Sgd. */
  readonly sgd: SgdOptions;
  /** Of Adam. */
  readonly adam: AdamOptions;
  /** Of AdamW. */
  readonly adamW: AdamOptions;
  /** Of Adamax. */
  readonly adamax: AdamaxOptions;
  /** Of NAdam. */
  readonly nadam: NAdamOptions;
  /** Of RAdam. */
  readonly radam: RAdamOptions;
  /** Of RmsProp. */
  readonly rmsProp: RmsPropOptions;
  /** Of Adagrad. */
  readonly adagrad: AdagradOptions;
  /** Of Adadelta. */
  readonly adadelta: AdadeltaOptions;
  /** Of Lars. */
  readonly lars: LarsOptions;
  /** Of Lamb. */
  readonly lamb: LambOptions;
}

/** A name that createOptimizer takes. */
export type OptimizerName = keyof OptimizerOptionsByName;

const makers: { readonly [Name in OptimizerName]: (options: OptimizerOptionsByName[Name]) => CnnOptimizer } = {
  sgd: (options) => new Sgd(options),
  adam: (options) => new Adam(options),
  adamW: (options) => new AdamW(options),
  adamax: (options) => new Adamax(options),
  nadam: (options) => new NAdam(options),
  radam: (options) => new RAdam(options),
  rmsProp: (options) => new RmsProp(options),
  adagrad: (options) => new Adagrad(options),
  adadelta: (options) => new Adadelta(options),
  lars: (options) => new Lars(options),
  lamb: (options) => new Lamb(options),
};

/** Names that createOptimizer takes. */
export const OPTIMIZERS = Object.keys(makers) as readonly OptimizerName[];

/**
 * An optimizer by its name: createOptimizer('sgd', { learningRate: 0.1, momentum: 0.9 }).
 *
 * @param options of that optimizer's class; what is left out is as in PyTorch
 * @throws ArgumentError for another name, listing all, and for an option that it does not have
 */
export function createOptimizer<Name extends OptimizerName>(
  name: Name,
  options: OptimizerOptionsByName[Name] = {},
): CnnOptimizer {
  oneOf('createOptimizer', 'name', name, OPTIMIZERS);
  return makers[name](options);
}
