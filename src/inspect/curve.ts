import type { ScaleLinear } from 'd3-scale';
import type { Score } from '../train/score.js';

/** What a training leaves to be drawn. */
export interface TrainingHistory {
  /** Every step's batch, in order. */
  readonly steps: readonly Score[];
  /** The test after every epoch. */
  readonly tests: readonly Score[];
}

type D3 = typeof import('d3-scale') & typeof import('d3-shape');
type Point = readonly [epoch: number, value: number];

const WIDTH = 720;
const PANEL_HEIGHT = 220;
const MARGIN = { top: 36, right: 16, bottom: 40, left: 56 };
/** Points of a line: single steps are noise, their means over such stretches are not. */
const POINTS = 150;
const COLOURS = { train: '#1f77b4', test: '#d62728', grid: '#ddd', text: '#333' };

/**
 * Draws loss and accuracy over the epochs: the training's as a line, the tests' as points.
 *
 * @param title goes above, e.g. 'lenet5 on MNIST'
 * @returns     an SVG document
 */
export async function learningCurve(history: TrainingHistory, title: string): Promise<string> {
  // d3 is ESM only: an import at the top would keep CommonJS from loading this file.
  const d3: D3 = { ...(await import('d3-scale')), ...(await import('d3-shape')) };
  const epochs = Math.max(1, history.tests.length);
  const tests = (of: (score: Score) => number): Point[] => history.tests.map((score, i) => [i + 1, of(score)]);
  const loss = panel(
    d3,
    'loss',
    epochs,
    stretches(history.steps, epochs, (score) => score.loss),
    tests((score) => score.loss),
  );
  const accuracy = panel(
    d3,
    'accuracy',
    epochs,
    stretches(history.steps, epochs, (score) => score.accuracy),
    tests((score) => score.accuracy),
  );
  const height = 2 * PANEL_HEIGHT + 24;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12" fill="${COLOURS.text}">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    `<text x="${WIDTH / 2}" y="18" text-anchor="middle" font-size="14">${escapeXml(title)}</text>`,
    legend(),
    `<g transform="translate(0 12)">${loss}</g>`,
    `<g transform="translate(0 ${PANEL_HEIGHT + 12})">${accuracy}</g>`,
    '</svg>',
    '',
  ].join('\n');
}

/** Means over stretches of steps, placed at the middle of the stretch. */
function stretches(steps: readonly Score[], epochs: number, of: (score: Score) => number): Point[] {
  const points = Math.min(POINTS, steps.length);
  return Array.from({ length: points }, (_, i) => {
    const begin = Math.floor((i * steps.length) / points);
    const end = Math.floor(((i + 1) * steps.length) / points);
    const part = steps.slice(begin, end);
    const count = part.reduce((sum, score) => sum + score.count, 0);
    const mean = part.reduce((sum, score) => sum + of(score) * score.count, 0) / count;
    return [(((begin + end) / 2) * epochs) / steps.length, mean];
  });
}

function panel(d3: D3, name: string, epochs: number, train: Point[], test: Point[]): string {
  const values = [...train, ...test].map(([, value]) => value);
  const x = d3.scaleLinear([0, epochs], [MARGIN.left, WIDTH - MARGIN.right]);
  const low = name === 'loss' ? 0 : Math.min(...values);
  const high = name === 'loss' ? Math.max(...values) : 1;
  const y = d3.scaleLinear([low, high], [PANEL_HEIGHT - MARGIN.bottom, MARGIN.top]).nice();
  const path = d3
    .line<Point>(
      ([epoch]) => x(epoch),
      ([, value]) => y(value),
    )
    .digits(2)(train);
  const dots = test.map(
    ([epoch, value]) => `<circle cx="${round(x(epoch))}" cy="${round(y(value))}" r="3.5" fill="${COLOURS.test}"/>`,
  );
  return [axes(x, y, name), `<path d="${path ?? ''}" fill="none" stroke="${COLOURS.train}" stroke-width="1.5"/>`, ...dots].join(
    '\n',
  );
}

function axes(x: ScaleLinear<number, number>, y: ScaleLinear<number, number>, name: string): string {
  const [left, right] = x.range();
  const [bottom, top] = y.range();
  const columns = x.ticks(Math.min(10, x.domain()[1])).map((value) => {
    const at = round(x(value));
    return `<line x1="${at}" x2="${at}" y1="${bottom}" y2="${top}" stroke="${COLOURS.grid}"/><text x="${at}" y="${bottom + 16}" text-anchor="middle">${value}</text>`;
  });
  const format = y.tickFormat(5);
  const rows = y.ticks(5).map((value) => {
    const at = round(y(value));
    return `<line x1="${left}" x2="${right}" y1="${at}" y2="${at}" stroke="${COLOURS.grid}"/><text x="${left - 6}" y="${at + 4}" text-anchor="end">${format(value)}</text>`;
  });
  const names = [
    `<text x="${(left + right) / 2}" y="${bottom + 32}" text-anchor="middle">epoch</text>`,
    `<text x="14" y="${(bottom + top) / 2}" text-anchor="middle" transform="rotate(-90 14 ${(bottom + top) / 2})">${name}</text>`,
  ];
  return [...columns, ...rows, ...names].join('\n');
}

function legend(): string {
  const at = WIDTH - 140;
  return (
    `<line x1="${at}" x2="${at + 18}" y1="34" y2="34" stroke="${COLOURS.train}" stroke-width="2"/><text x="${at + 24}" y="38">training</text>` +
    `<circle cx="${at + 92}" cy="34" r="3.5" fill="${COLOURS.test}"/><text x="${at + 102}" y="38">test</text>`
  );
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
