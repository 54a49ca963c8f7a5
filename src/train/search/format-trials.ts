import { textTable } from '../../inspect/text-table.js';
import type { SearchResult } from './trial.js';

/** A table of a search's trials, the best first: a line a trial, heads above. */
export function formatTrials({ trials }: SearchResult): string {
  const names = Object.keys(trials[0]?.values ?? {});
  const rows = trials.map(({ trial, values, score, error, seconds }) => [
    `${trial}`,
    ...names.map((name) => cell(values[name])),
    score === undefined ? `failed: ${error?.replace(/\s+/g, ' ')}` : cell(score),
    seconds.toFixed(1),
  ]);
  return textTable([['trial', ...names, 'score', 'seconds'], ...rows], ['trial', 'seconds']).join('\n');
}

/** Four digits of a number that has more. */
function cell(value: unknown): string {
  return typeof value === 'number' && !Number.isInteger(value) ? `${Number(value.toPrecision(4))}` : String(value);
}
