import { oneOf, refuse, shown } from '../../checks.js';
import { ArgumentError } from '../../geometry.js';
import { mixSeeds } from '../../random.js';
import type { Hyperparameters, Objective, SearchOptions, SearchResult, Trial } from './trial.js';

/**
 * Makes the trials one after the other, but those that were made before.
 *
 * @param valuesOf what each trial tries, in order
 * @throws ArgumentError where a previous trial is none of these
 */
export async function runTrials<Values extends Hyperparameters>(
  where: string,
  valuesOf: readonly Values[],
  objective: Objective<Values>,
  options: SearchOptions<Values>,
): Promise<SearchResult<Values>> {
  const { seed = 1, mode = 'max', previous = [], onTrial, signal } = options;
  oneOf(where, 'mode', mode, ['max', 'min']);
  if (!Array.isArray(previous) || !previous.every((trial) => Number.isInteger(trial?.trial))) {
    refuse(where, 'previous', 'a list of trials', previous);
  }
  const known = new Map(previous.map((trial) => [trial.trial, trial]));
  for (const trial of previous) {
    if (valuesOf[trial.trial] === undefined || !sameValues(valuesOf[trial.trial]!, trial.values)) {
      throw new ArgumentError(
        `${where}: previous must be trials of the same search, with its space and seed; got trial ${trial.trial} with ` +
          `${JSON.stringify(trial.values)}, which is ${JSON.stringify(valuesOf[trial.trial]) ?? 'none'} here`,
      );
    }
  }
  const trials: Trial<Values>[] = [];
  for (const [trial, values] of valuesOf.entries()) {
    signal?.throwIfAborted();
    const made = known.get(trial) ?? (await makeTrial(trial, values, mixSeeds(seed, trial), objective, signal));
    trials.push(made);
    if (!known.has(trial)) await onTrial?.(made);
  }
  const sorted = rank(trials, mode);
  return { trials: sorted, ...(sorted[0]?.score !== undefined && { best: sorted[0] }) };
}

async function makeTrial<Values extends Hyperparameters>(
  trial: number,
  values: Values,
  seed: number,
  objective: Objective<Values>,
  signal: AbortSignal | undefined,
): Promise<Trial<Values>> {
  const begin = performance.now();
  const outcome = await resultOf(() => objective(values, { trial, seed, signal }));
  // An objective that was told to end has not failed.
  signal?.throwIfAborted();
  return { trial, values, seed, ...outcome, seconds: (performance.now() - begin) / 1000 };
}

/** The objective's result or failure. */
async function resultOf(run: () => ReturnType<Objective<never>>): Promise<Pick<Trial, 'score' | 'details' | 'error'>> {
  try {
    const result = await run();
    if (typeof result !== 'number' && typeof result?.score !== 'number') {
      return { error: `the objective must give a number or {score: a number, ...}, got ${shown(result)}` };
    }
    const { score, ...details } = typeof result === 'number' ? { score: result } : result;
    const rest = Object.keys(details).length > 0 && { details };
    return Number.isFinite(score) ? { score, ...rest } : { error: `the score is ${score}`, ...rest };
  } catch (error) {
    return { error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}

function rank<Values extends Hyperparameters>(trials: readonly Trial<Values>[], mode: 'max' | 'min'): Trial<Values>[] {
  const sign = mode === 'max' ? -1 : 1;
  const key = ({ score }: Trial) => (score === undefined ? Infinity : sign * score);
  // Equal keys, infinite ones too, keep their order.
  return [...trials].sort((a, b) => (key(a) === key(b) ? 0 : key(a) - key(b)));
}

function sameValues(a: Hyperparameters, b: unknown): boolean {
  if (typeof b !== 'object' || b === null) return false;
  const entries = Object.entries(a);
  return entries.length === Object.keys(b).length && entries.every(([name, value]) => (b as Hyperparameters)[name] === value);
}
