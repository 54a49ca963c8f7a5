import '../src/index.js';
import type { ReadyOp } from '../src/backends/kernel-host.js';
import type { LossGeometry, Reduction } from '../src/ops/loss/geometry.js';
import { type MulticlassHingeGeometry, multiclassHingeOp } from '../src/ops/multiclass-hinge/multiclass-hinge.js';
import {
  type SoftmaxCrossEntropyGeometry,
  softmaxCrossEntropyOp,
} from '../src/ops/softmax-cross-entropy/softmax-cross-entropy.js';
import { expectWithin, onReference, ROUNDING, Sides } from './kernel-sides.js';
import { choose, generator, integer, seed, values } from './random.js';

let sides: Sides;
beforeAll(async () => {
  sides = await Sides.create();
});
afterAll(() => sides.dispose());

interface Case extends LossGeometry {
  scale: number;
}

function cases(): Case[] {
  const random = generator(seed);
  const reductions: Reduction[] = ['mean', 'sum', 'none'];
  const sizes = [
    [1, 2],
    [64, 10],
    [5, 1],
    [3, 1000],
    [9, 7],
    [300, 3],
    [1500, 10],
    ...Array.from({ length: 12 }, () => [integer(random, 1, 40), integer(random, 1, 60)]),
  ];
  return sizes.flatMap(([batch, classes]) =>
    [true, false].map((indexed) => ({
      batch,
      classes,
      indexed,
      reduction: choose(random, reductions),
      scale: choose(random, [1, 8, 80]),
    })),
  );
}

const title = (c: Case): string => JSON.stringify(c);
const lossLength = (g: LossGeometry): number => (g.reduction === 'none' ? g.batch : 1);

function labelsOf(random: () => number, { batch, classes, indexed }: LossGeometry, oneHot: boolean): Float32Array {
  const indices = Float32Array.from({ length: batch }, () => integer(random, 0, classes - 1));
  if (indexed) return indices;
  const labels = new Float32Array(batch * classes);
  for (let b = 0; b < batch; b++) {
    if (oneHot) labels[b * classes + indices[b]] = 1;
    else for (let c = 0; c < classes; c++) labels[b * classes + c] = random() / classes;
  }
  return labels;
}

async function compare<G extends LossGeometry>(
  op: ReadyOp<G>,
  part: string,
  inputs: Record<string, Float32Array>,
  g: G,
  bound: (name: string, i: number) => number,
): Promise<Record<string, Float64Array>> {
  const wide = [g.batch, g.classes];
  const shapes = {
    logits: wide,
    probabilities: wide,
    labels: g.indexed ? [g.batch] : wide,
    weights: [g.batch],
    dy: g.reduction === 'none' ? [g.batch] : [],
  };
  const expected = onReference(op, part, inputs, g);
  const found = await sides.run(op, part, inputs, shapes, g);
  for (const side in found) {
    for (const name in expected) expectWithin(`${name} by ${side}`, found[side][name], expected[name], (i) => bound(name, i));
  }
  return expected;
}

/** Largest |logit|, to which a row's rounding errors are relative. */
const largest = (logits: Float32Array): number => logits.reduce((most, v) => Math.max(most, Math.abs(v)), 0);

describe(`softmaxCrossEntropy's kernels (seed ${seed})`, () => {
  const op = softmaxCrossEntropyOp.definition;

  test.each(cases().map((c) => [title(c), c] as const))('%s', async (_, { scale, ...c }) => {
    const random = generator(seed + c.batch * c.classes);
    const g: SoftmaxCrossEntropyGeometry = { ...c, labelSmoothing: choose(random, [0, 0.1, 1]) };
    const logits = values(random, g.batch * g.classes).map((v) => v * scale);
    const labels = labelsOf(random, g, random() < 0.5);
    // A term is q (log sum - shift): |shift| <= 2 largest, each of a few operations rounds once, and so do
    // the terms' sums, four lanes of classes / 4 terms; probabilities round like their exponent's argument.
    const size = 2 * largest(logits) + Math.log(g.classes) + 1;
    const roundings = 8 + g.classes / 4;
    const rows = g.reduction === 'sum' ? g.batch : 1;
    const lossBound = roundings * ROUNDING * size * rows;
    // Weights of at most 1 add one rounding.
    const weights = random() < 0.5 ? { weights: values(random, g.batch).map(Math.abs) } : undefined;
    const { probabilities } = await compare(op, 'forward', { logits, labels, ...weights }, g, (name) =>
      name === 'loss' ? lossBound : roundings * ROUNDING * (1 + scale),
    );
    const dy = values(random, lossLength(g));
    const weight = g.reduction === 'mean' ? 1 / g.batch : 1;
    await compare(
      op,
      'dlogits',
      { dy, labels, probabilities: Float32Array.from(probabilities), ...weights },
      g,
      () => roundings * 2 * ROUNDING * weight * Math.max(...dy.map(Math.abs)),
    );
  });

  test.each([true, false])('dlogits against central differences in float64, indexed %s', (indexed) => {
    const random = generator(seed);
    for (const reduction of ['mean', 'sum', 'none'] as const) {
      const g: SoftmaxCrossEntropyGeometry = { batch: 3, classes: 5, indexed, reduction, labelSmoothing: 0.2 };
      checkDifferences(op, g, values(random, 15), labelsOf(random, g, false), random);
    }
  });

  test('NaN shows, huge logits do not overflow, absent classes are NaN', async () => {
    const g: SoftmaxCrossEntropyGeometry = { batch: 7, classes: 5, indexed: true, reduction: 'none', labelSmoothing: 0 };
    const logits = Float32Array.of(
      1.5e38,
      -1.5e38,
      0,
      1,
      2,
      NaN,
      1,
      2,
      3,
      4,
      1,
      2,
      3,
      4,
      NaN,
      -Infinity,
      1,
      -Infinity,
      1,
      1,
      -Infinity,
      -Infinity,
      -Infinity,
      -Infinity,
      -Infinity,
      1,
      2,
      3,
      4,
      5,
      1,
      2,
      3,
      Infinity,
      5,
    );
    const labels = Float32Array.of(0, 1, 0, 1, 2, 5, 0);
    const expected = await compare(op, 'forward', { logits, labels }, g, () => 1e-6);
    expect(expected['loss'][0]).toBe(0);
    expect(expected['loss'][3]).toBeCloseTo(Math.log(3), 12);
    for (const row of [1, 2, 4, 5, 6]) expect(expected['loss'][row]).toBeNaN();
    const dense = { ...g, indexed: false };
    await compare(
      op,
      'forward',
      { logits, labels: new Float32Array(35).fill(0).map((_, i) => Number(i % 5 === 1)) },
      dense,
      () => 2e32,
    );
    await compare(
      op,
      'dlogits',
      { dy: new Float32Array(7).fill(1), labels, probabilities: new Float32Array(35).fill(0.2) },
      g,
      () => 1e-6,
    );
  });
});

describe(`multiclassHinge's kernels (seed ${seed})`, () => {
  const op = multiclassHingeOp.definition;

  test.each(cases().map((c) => [title(c), c] as const))('%s', async (_, { scale, ...c }) => {
    const random = generator(seed + c.batch * c.classes);
    const g: MulticlassHingeGeometry = { ...c, margin: choose(random, [1, 0.5, -1]) };
    // Multiples of 1/64: sums of a few are exact, so that all sides agree on which terms are positive.
    const logits = values(random, g.batch * g.classes).map((v) => Math.round(v * scale * 64) / 64);
    const labels = labelsOf(random, g, true);
    const rows = g.reduction === 'sum' ? g.batch : 1;
    const size = (2 * largest(logits) + 1) * g.classes;
    await compare(op, 'forward', { logits, labels }, g, () => (g.classes / 4 + 4 + Math.log2(g.batch)) * ROUNDING * size * rows);
    const dy = values(random, lossLength(g));
    const weight = g.reduction === 'mean' ? 1 / g.batch : 1;
    await compare(op, 'dlogits', { dy, logits, labels }, g, () => 4 * ROUNDING * weight * g.classes);
  });

  test.each([true, false])('dlogits against central differences in float64, indexed %s', (indexed) => {
    const random = generator(seed);
    for (const reduction of ['mean', 'sum', 'none'] as const) {
      const g: MulticlassHingeGeometry = { batch: 3, classes: 6, indexed, reduction, margin: 1 };
      // Multiples of 1/8: no term is nearer to its kink than that, unless on it; 1/16 moves them off.
      const logits = values(random, 18).map((v, i) => Math.round(v * 16) / 8 + (i % 6) / 64);
      checkDifferences(op, g, logits, labelsOf(random, g, true), random);
    }
  });

  test('NaN shows, infinities and absent classes', async () => {
    const g: MulticlassHingeGeometry = { batch: 5, classes: 5, indexed: true, reduction: 'none', margin: 1 };
    const logits = Float32Array.of(1, NaN, 3, 4, 5, 1, 2, 3, 4, NaN, Infinity, 2, 3, 4, 5, 1, 2, Infinity, 4, 5, 1, 2, 3, 4, 5);
    const labels = Float32Array.of(0, 1, 0, 0, -1);
    const expected = await compare(op, 'forward', { logits, labels }, g, () => 1e-6);
    expect(Array.from(expected['loss'])).toEqual([NaN, NaN, 0, Infinity, NaN]);
    await compare(op, 'dlogits', { dy: new Float32Array(5).fill(1), logits, labels }, g, () => 1e-6);
  });
});

/** <dy, loss(logits + h) - loss(logits - h)> / 2h for every logit, against dlogits. */
function checkDifferences<G extends LossGeometry>(
  op: ReadyOp<G>,
  g: G,
  logits: Float32Array,
  labels: Float32Array,
  random: () => number,
): void {
  const { reference } = op.kernels;
  const dy = Float64Array.from(values(random, lossLength(g)));
  const step = 1e-5;
  const z = Float64Array.from(logits);
  const wide = Float64Array.from(labels);
  const probabilities = new Float64Array(z.length);
  const value = (): number => {
    const loss = new Float64Array(dy.length);
    reference['forward']({ logits: z, labels: wide }, { loss, probabilities }, g);
    return loss.reduce((sum, l, i) => sum + l * dy[i], 0);
  };
  value();
  const dlogits = new Float64Array(z.length);
  reference['dlogits']({ dy, logits: z, labels: wide, probabilities }, { dlogits }, g);
  const differences = z.map((middle, i) => {
    z[i] = middle + step;
    const above = value();
    z[i] = middle - step;
    const below = value();
    z[i] = middle;
    return (above - below) / (2 * step);
  });
  // Third derivatives are below 1, and the values' rounding is 1e-15 of about 10.
  expectWithin('dlogits', dlogits, differences, () => step ** 2 + 1e-14 / step);
}
