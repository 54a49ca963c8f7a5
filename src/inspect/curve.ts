import type { EpochReport } from '../train/callbacks/callback.js';
import type { Score } from '../train/score.js';
import { axes, COLOURS, type D3, loadD3, MARGIN, PANEL_HEIGHT, round, svgDocument, WIDTH } from './plot/panel.js';

/** How a training went: a `TrainResult` is one, and so is what the callback `history` collects. */
export interface TrainingCourse {
  /** Loss of every step. */
  readonly losses: readonly number[];
  /** Share of right answers in every step's batch; NaN where there is none. */
  readonly accuracies: readonly number[];
  /** Learning rate of every step; default: of every epoch's last step, as `epochs` say. */
  readonly learningRates?: readonly number[];
  /** Every epoch, in order. */
  readonly epochs: readonly Pick<EpochReport, 'test' | 'learningRate'>[];
}

type Point = readonly [epoch: number, value: number];

/** Points of the lines: steps are averaged over as many stretches for the thin one; the thick one is smoothed, for the eye. */
const POINTS = 600;
/** The smoothed line's stretch, as a share of the whole width. */
const SMOOTHING = 1 / 40;
/** Where losses fall by more than this, their axis is logarithmic. */
const DECADES = 100;

/** A panel's contents. */
interface Panel {
  readonly name: string;
  readonly train: readonly Point[];
  readonly test: readonly Point[];
  /** Whether single steps are noise. */
  readonly noisy: boolean;
  /** What the axis holds in any case. */
  readonly holds: readonly number[];
}

/**
 * Draws loss, accuracy and learning rate over the epochs: the training's steps as a thin line with a smoothed one, the tests' as points.
 * A panel without numbers is left out; numbers that are not finite are gaps. A loss that falls by more than a hundred times
 * has a logarithmic axis.
 *
 * @param title goes above, e.g. 'lenet5 on MNIST'
 * @returns     an SVG document
 */
export async function learningCurve(course: TrainingCourse, title: string): Promise<string> {
  const d3 = await loadD3();
  const { losses, accuracies, epochs: reports } = course;
  const epochs = Math.max(1, reports.length);
  const test = (of: (score: Score) => number) => reports.map((report, i): Point => [i + 1, report.test ? of(report.test) : NaN]);
  const rates = course.learningRates
    ? stretches(course.learningRates, epochs)
    : reports.map(({ learningRate }, i): Point => [i + 1, learningRate]);
  const panels: Panel[] = [
    { name: 'loss', train: stretches(losses, epochs), test: test(({ loss }) => loss), noisy: true, holds: [] },
    { name: 'accuracy', train: stretches(accuracies, epochs), test: test(({ accuracy }) => accuracy), noisy: true, holds: [1] },
    { name: 'learning rate', train: rates, test: [], noisy: false, holds: [0] },
  ];
  const drawn = panels
    .filter((panel) => [...panel.train, ...panel.test].some(isFinitePoint))
    .map((panel, i) => `<g transform="translate(0 ${12 + i * PANEL_HEIGHT})">\n${panelOf(d3, panel, epochs)}\n</g>`);
  return svgDocument(title, drawn.length * PANEL_HEIGHT + 24, [legend(reports.some((report) => report.test)), ...drawn]);
}

/** Means over stretches of steps, without NaN, placed at the middle of the stretch. */
function stretches(values: readonly number[], epochs: number): Point[] {
  const points = Math.min(POINTS, values.length);
  return Array.from({ length: points }, (_, i) => {
    const begin = Math.floor((i * values.length) / points);
    const end = Math.floor(((i + 1) * values.length) / points);
    const known = values.slice(begin, end).filter((value) => !Number.isNaN(value));
    const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
    return [(((begin + end) / 2) * epochs) / values.length, mean];
  });
}

function panelOf(d3: D3, { name, train, test: tests, noisy, holds }: Panel, epochs: number): string {
  const test = tests.filter(isFinitePoint);
  const values = [...train, ...test].filter(isFinitePoint).map(([, value]) => value);
  const [low, high] = [Math.min(...values, ...holds), Math.max(...values, ...holds)];
  const x = d3.scaleLinear([0, epochs], [MARGIN.left, WIDTH - MARGIN.right]);
  const range: [number, number] = [PANEL_HEIGHT - MARGIN.bottom, MARGIN.top];
  const logarithmic = name === 'loss' && low > 0 && high / low > DECADES;
  // A scale needs some width where all values are the same.
  const bottom = name === 'loss' ? Math.min(0, low) : low;
  const y = logarithmic
    ? d3.scaleLog([low, high], range).nice()
    : d3.scaleLinear([bottom, high > bottom ? high : bottom + 1], range).nice();
  const line = d3
    .line<Point>(
      ([epoch]) => x(epoch),
      ([, value]) => y(value),
    )
    .defined(isFinitePoint)
    .digits(2);
  const path = (points: readonly Point[], style: string) =>
    `<path d="${line(points) ?? ''}" fill="none" stroke="${COLOURS.train}" stroke-linejoin="round" ${style}/>`;
  const lines = noisy
    ? [path(train, 'stroke-width="1" stroke-opacity="0.3"'), path(smoothed(train), 'stroke-width="2"')]
    : [path(train, 'stroke-width="2"')];
  const testLine = `<path d="${line(test) ?? ''}" fill="none" stroke="${COLOURS.test}" stroke-opacity="0.5"/>`;
  const dots = test.map(
    ([epoch, value]) =>
      `<circle cx="${round(x(epoch))}" cy="${round(y(value))}" r="${test.length > 60 ? 2 : 3.5}" fill="${COLOURS.test}"/>`,
  );
  const format = logarithmic ? '~g' : undefined;
  const frame = axes({ scale: x, name: 'epoch', ticks: Math.min(10, epochs) }, { scale: y, name, ticks: 5, format });
  return [frame, ...lines, ...(test.length > 1 ? [testLine] : []), ...dots].join('\n');
}

/** Means over the neighbours within half a stretch on both sides; gaps stay gaps. Towards the ends the stretch shrinks, without a lag. */
function smoothed(points: readonly Point[]): Point[] {
  const most = Math.round((points.length * SMOOTHING) / 2);
  return points.map((point, i) => {
    const [at] = point;
    const reach = Math.min(most, i, points.length - 1 - i);
    const near = points.slice(i - reach, i + reach + 1).filter(isFinitePoint);
    if (!isFinitePoint(point)) return [at, NaN];
    return [at, near.reduce((sum, [, value]) => sum + value, 0) / near.length];
  });
}

function isFinitePoint([, value]: Point): boolean {
  return Number.isFinite(value);
}

function legend(tested: boolean): string {
  const at = WIDTH - 140;
  return (
    `<line x1="${at}" x2="${at + 18}" y1="34" y2="34" stroke="${COLOURS.train}" stroke-width="2"/><text x="${at + 24}" y="38">training</text>` +
    (tested ? `<circle cx="${at + 92}" cy="34" r="3.5" fill="${COLOURS.test}"/><text x="${at + 102}" y="38">test</text>` : '')
  );
}
