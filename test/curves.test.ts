/** Learning curves. */
import { learningCurve, type TrainingCourse } from '../src/inspect/index.js';
import { history } from '../src/train/index.js';
import { commonJsOf as mockOf } from './common-js.js';

// d3 is ESM only, which jest cannot load.
jest.mock('d3-scale', () => mockOf('d3-scale'));
jest.mock('d3-shape', () => mockOf('d3-shape'));

/** A training of so many steps, with a test after each epoch. */
function course(steps: number, tests: number[] = [], loss: (i: number) => number = (i) => 2 - i / steps): TrainingCourse {
  return {
    losses: Array.from({ length: steps }, (_, i) => loss(i)),
    accuracies: Array.from({ length: steps }, (_, i) => i / steps),
    epochs: tests.map((value) => ({ learningRate: 0.1, test: { loss: value, accuracy: 1 - value / 4, count: 100 } })),
  };
}

/** Points of the n-th line of a drawing. */
function pointsOf(svg: string, n: number): [x: number, y: number][] {
  const paths = [...svg.matchAll(/<path d="([^"]*)"/g)].map(([, d]) => d!);
  return [...paths[n]!.matchAll(/([\d.]+),([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
}
const panels = (svg: string) => [...svg.matchAll(/rotate\(-90[^>]*>([^<]*)</g)].map(([, name]) => name);

test('loss, accuracy and learning rate, with the tests as points and a legend', async () => {
  const svg = await learningCurve(course(100, [1, 0.5, 0.25]), 'a <net>');
  expect(svg).toContain('a &lt;net&gt;');
  expect(panels(svg)).toEqual(['loss', 'accuracy', 'learning rate']);
  expect(svg.match(/<circle/g)).toHaveLength(3 + 3 + 1);
  expect(svg).toContain('>training<');
  // The thin line has every step, from left to right; it falls, so on paper it goes down.
  const line = pointsOf(svg, 0);
  expect(line).toHaveLength(100);
  line.slice(1).forEach(([x, y], i) => {
    expect(x).toBeGreaterThan(line[i]![0]);
    expect(y).toBeGreaterThan(line[i]![1]);
  });
  // What is straight stays as it is when it is smoothed.
  pointsOf(svg, 1).forEach(([, y], i) => expect(Math.abs(y - line[i]![1])).toBeLessThan(0.02));
});

test('noise is smoothed', async () => {
  const svg = await learningCurve(
    course(600, [1], (i) => 1 + (i % 2)),
    'noise',
  );
  const spread = (points: [number, number][]) => Math.max(...points.map(([, y]) => y)) - Math.min(...points.map(([, y]) => y));
  const inner = (n: number) => pointsOf(svg, n).slice(50, -50);
  expect(spread(inner(1))).toBeLessThan(spread(inner(0)) / 10);
});

test('what is not there is left out: tests, accuracy, learning rate, numbers that are none', async () => {
  const losses = Array.from({ length: 10 }, (_, i) => (i === 5 ? NaN : 1));
  const bare: TrainingCourse = { losses, accuracies: losses.map(() => NaN), epochs: [] };
  const svg = await learningCurve(bare, 'bare');
  expect(panels(svg)).toEqual(['loss']);
  expect(svg).not.toContain('>test<');
  expect(pointsOf(svg, 0)).toHaveLength(9);
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  const partly = await learningCurve({ ...course(10), epochs: [{ learningRate: 1 }, ...course(1, [1]).epochs] }, 'partly');
  expect(partly.match(/<circle/g)).toHaveLength(2 + 1);
  for (const odd of [course(0), course(1, [NaN], () => Infinity)]) {
    expect(await learningCurve(odd, 'odd')).not.toMatch(/NaN|Infinity|undefined/);
  }
});

test('what the callback history collects is drawn, with the learning rate of every step', async () => {
  const all = history();
  for (let i = 1; i <= 20; i++) void all.onStep?.({ step: i, epoch: 1, loss: 1 / i, count: 8, learningRate: 1 / i });
  const svg = await learningCurve(all, 'history');
  expect(panels(svg)).toEqual(['loss', 'learning rate']);
  expect(pointsOf(svg, 2)).toHaveLength(20);
});

test('a million steps are as many points as the paper has', async () => {
  const svg = await learningCurve(course(1_000_000, [1]), 'long');
  expect(pointsOf(svg, 0)).toHaveLength(600);
  expect(svg.length).toBeLessThan(100_000);
});

test('a loss that falls a hundredfold has a logarithmic axis', async () => {
  const svg = await learningCurve(
    course(100, [], (i) => 10 ** (-i / 25)),
    'deep',
  );
  expect(svg).toContain('>0.001<');
  const line = pointsOf(svg, 0);
  // Straight, then.
  expect(line[50]![1] - line[0]![1]).toBeCloseTo(line[99]![1] - line[49]![1], 1);
});
