import type { DetectedNet } from './nets/recognise.js';
import type { StateDictReport } from './state-dict.js';

/** What loadWeights found and did. */
export interface LoadReport extends StateDictReport {
  /** The net that the file's weights are of, where it was recognised. */
  readonly net: DetectedNet | undefined;
  /** Weights that the file has under another name. */
  readonly renamed: readonly {
    /** In the file. */
    readonly from: string;
    /** Of the model's weight. */
    readonly to: string;
  }[];
  /** Weights that were changed to fit. */
  readonly adapted: readonly {
    /** Of the model's weight. */
    readonly name: string;
    /** What was done. */
    readonly how: string;
  }[];
  /** Weights of the classifier that were left as the model began. */
  readonly fresh: readonly string[];
  /** Arrays of the file that the model has no use for, and need not: counters, auxiliary classifiers, a head that was not asked for. */
  readonly leftOut: readonly string[];
}

const SHOWN = 8;

/** The report as lines of text: what was loaded, renamed, adapted, and what does not fit. */
export function formatLoadReport(report: LoadReport): string {
  const { net, loaded, renamed, adapted, fresh, leftOut, missing, unexpected, mismatched } = report;
  const lines = [
    ...(net ? [`net         ${net.net} ${JSON.stringify(net.options)}, names of ${net.names}`] : []),
    `loaded      ${loaded.length} arrays`,
    ...listed(
      'renamed',
      renamed.map(({ from, to }) => `${from} -> ${to}`),
    ),
    ...listed(
      'adapted',
      adapted.map(({ name, how }) => `${name}: ${how}`),
    ),
    ...listed('fresh', fresh),
    ...listed('left out', leftOut),
    ...listed('missing', missing),
    ...listed('unexpected', unexpected),
    ...listed(
      'mismatched',
      mismatched.map(({ name, expected, found }) => `${name}: expected [${expected}], got [${found}]`),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function listed(what: string, items: readonly string[]): string[] {
  if (items.length === 0) return [];
  const more = items.length > SHOWN ? [`${' '.repeat(12)}and ${items.length - SHOWN} more`] : [];
  return [`${what.padEnd(12)}${items.length}`, ...items.slice(0, SHOWN).map((item) => `${' '.repeat(12)}${item}`), ...more];
}
