import type { Score } from '../train/score.js';
import { axes, COLOURS, type D3, loadD3, MARGIN, PANEL_HEIGHT, round, svgDocument, WIDTH } from './plot/panel.js';

/** What a training leaves to be drawn. */
export interface TrainingHistory {
  /** Every step's batch, in order. */
  readonly steps: readonly Score[];
  /** The test after every epoch. */
  readonly tests: readonly Score[];
}

type Point = readonly [epoch: number, value: number];

/** Points of a line: single steps are noise, their means over such stretches are not. */
const POINTS = 150;

/**
 * Draws loss and accuracy over the epochs: the training's as a line, the tests' as points.
 *
 * @param title goes above, e.g. 'lenet5 on MNIST'
 * @returns     an SVG document
 */
export async function learningCurve(history: TrainingHistory, title: string): Promise<string> {
  const d3 = await loadD3();
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
  return svgDocument(title, 2 * PANEL_HEIGHT + 24, [
    legend(),
    `<g transform="translate(0 12)">${loss}</g>`,
    `<g transform="translate(0 ${PANEL_HEIGHT + 12})">${accuracy}</g>`,
  ]);
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
  const frame = axes({ scale: x, name: 'epoch', ticks: Math.min(10, epochs) }, { scale: y, name, ticks: 5 });
  return [frame, `<path d="${path ?? ''}" fill="none" stroke="${COLOURS.train}" stroke-width="1.5"/>`, ...dots].join('\n');
}

function legend(): string {
  const at = WIDTH - 140;
  return (
    `<line x1="${at}" x2="${at + 18}" y1="34" y2="34" stroke="${COLOURS.train}" stroke-width="2"/><text x="${at + 24}" y="38">training</text>` +
    `<circle cx="${at + 92}" cy="34" r="3.5" fill="${COLOURS.test}"/><text x="${at + 102}" y="38">test</text>`
  );
}
