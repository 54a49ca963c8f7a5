import { isRecord, shown } from '../../checks.js';
import { ArgumentError } from '../../geometry.js';
import type { WeightState } from './tracked-weight.js';

/** What an optimizer keeps beside its slots: plain JSON. */
export interface OptimizerState {
  /** Steps taken. */
  readonly iterations: number;
  /** By the weights' names: the steps each has taken, and NAdam's product of momenta. */
  readonly weights: Readonly<Record<string, Readonly<WeightState>>>;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** @throws ArgumentError where the value, from a file perhaps, is no such state */
export function checkState(where: string, value: unknown): OptimizerState {
  const refuse = (what: string, found: unknown): never => {
    throw new ArgumentError(`${where}: the state's ${what}, got ${shown(found)}`);
  };
  const { iterations, weights } = (isRecord(value) ? value : {}) as Partial<OptimizerState>;
  if (!isCount(iterations)) return refuse('iterations must be an integer, 0 or more', iterations);
  if (!isRecord(weights)) return refuse('weights must be an object of { step } by the names of weights', weights);
  for (const [name, state] of Object.entries(weights)) {
    const { step, momentumProduct } = isRecord(state) ? (state as Partial<WeightState>) : {};
    if (!isCount(step)) refuse(`weights['${name}'].step must be an integer, 0 or more`, step);
    if (momentumProduct !== undefined && !(momentumProduct > 0 && momentumProduct <= 1)) {
      refuse(`weights['${name}'].momentumProduct must be a number in (0, 1]`, momentumProduct);
    }
  }
  return { iterations, weights };
}
