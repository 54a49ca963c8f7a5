import { shown } from '../../checks.js';
import { ArgumentError } from '../../geometry.js';
import type { HyperparameterValue } from './trial.js';

/**
 * Where random search draws from.
 *
 *     { uniform: [low, high] }      a number in [low, high)
 *     { logUniform: [low, high] }   one whose logarithm is uniform: learning rates, weight decays
 *     { integer: [low, high] }      an integer in [low, high]
 *     { choice: [...] }             one of the list
 */
export type Distribution =
  | {
      /** A number from low on, below high. */
      readonly uniform: readonly [low: number, high: number];
    }
  | {
      /** Such a number whose logarithm is uniform. */
      readonly logUniform: readonly [low: number, high: number];
    }
  | {
      /** An integer from low to high. */
      readonly integer: readonly [low: number, high: number];
    }
  | {
      /** One of them. */
      readonly choice: readonly HyperparameterValue[];
    };

/** What a distribution gives. */
export type Drawn<D extends Distribution> = D extends {
  /** Values. */
  choice: readonly (infer Value extends HyperparameterValue)[];
}
  ? Value
  : number;

/** @throws ArgumentError naming the hyperparameter where the distribution is none */
export function checkDistribution(name: string, distribution: Distribution): void {
  const fail = (expected: string): never => {
    throw new ArgumentError(`randomSearch: space.${name} must be ${expected}, got ${shown(distribution)}`);
  };
  const entries = typeof distribution === 'object' && distribution !== null ? Object.entries(distribution) : [];
  const [kind, range] = (entries[0] ?? []) as [string?, unknown?];
  if (entries.length !== 1 || !['uniform', 'logUniform', 'integer', 'choice'].includes(kind!)) {
    fail('{uniform: [low, high]}, {logUniform: [low, high]}, {integer: [low, high]} or {choice: [...]}');
  }
  if (kind === 'choice') {
    if (!Array.isArray(range) || range.length === 0) fail('{choice: a list of values}');
    return;
  }
  const [low, high] = (Array.isArray(range) && range.length === 2 ? range : []) as [unknown?, unknown?];
  const valid = kind === 'integer' ? Number.isSafeInteger : Number.isFinite;
  if (!valid(low) || !valid(high) || (low as number) > (high as number) || (kind === 'logUniform' && !((low as number) > 0))) {
    fail(
      `{${kind}: [low, high]}, ${kind === 'integer' ? 'integers' : 'numbers'} with ${kind === 'logUniform' ? '0 < ' : ''}low <= high`,
    );
  }
}

/** @param random uniform numbers in [0, 1) */
export function draw(distribution: Distribution, random: () => number): HyperparameterValue {
  if ('choice' in distribution) return distribution.choice[Math.floor(random() * distribution.choice.length)]!;
  if ('integer' in distribution) {
    const [low, high] = distribution.integer;
    return low + Math.floor(random() * (high - low + 1));
  }
  if ('uniform' in distribution) {
    const [low, high] = distribution.uniform;
    return low + random() * (high - low);
  }
  const [low, high] = distribution.logUniform;
  // Rounding must not leave the range.
  return Math.min(high, Math.max(low, low * (high / low) ** random()));
}
