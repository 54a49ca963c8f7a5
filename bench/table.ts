import { speedUp, type Timing } from './measure.js';

/** One line of the result: the first contestant is ours, the others are what it is compared with. */
export interface Row {
  what: string;
  timings: Timing[];
  /** Floating point operations of one run, where that says something. */
  flops?: number;
}

export function row(what: string, timings: Timing[], flops?: number): Row {
  return { what, timings, flops };
}

/** A Markdown table: each contestant's median, GFLOP/s, and how many times faster the first one is. */
export function toMarkdown(title: string, rows: readonly Row[]): string {
  const lines = [
    `### ${title}`,
    '',
    '| | | ms, median (quartiles) | GFLOP/s | first is faster by (quartiles) |',
    '|---|---|---|---|---|',
  ];
  for (const { what, timings, flops } of rows) {
    timings.forEach((timing, i) => {
      const { name, median, spread } = timing;
      const rate = flops ? (flops / median / 1e6).toPrecision(3) : '';
      lines.push(
        `| ${i === 0 ? what : ''} | ${name} | ${ms(median)} (${spread.map(ms).join(' - ')}) | ${rate} | ${i === 0 ? '' : times(timings[0]!, timing)} |`,
      );
    });
  }
  return lines.join('\n');
}

function times(first: Timing, other: Timing): string {
  const { median, spread } = speedUp(first, other);
  return `${median.toPrecision(3)} (${spread.map((value) => value.toPrecision(3)).join(' - ')})`;
}

const ms = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
