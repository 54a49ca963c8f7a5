/** Maxout, multiclass hinge loss, unshared convolutions, pads and norms on a GPU against float64. */
import { windowGeometry } from '../src/geometry.js';
import type { Reduction } from '../src/ops/loss/geometry.js';
import { maxout } from '../src/ops/maxout/maxout.js';
import { type MulticlassHingeGeometry, multiclassHingeOp } from '../src/ops/multiclass-hinge/multiclass-hinge.js';
import { zeroPad2d } from '../src/ops/zero-pad/zero-pad.js';
import { maxNormOp } from '../src/train/optimizers/max-norm/max-norm.js';
import { clipFactor, squareSum, trustRatio } from '../src/train/optimizers/norms/norms.js';
import { onReference, ROUNDING, type Sides } from './kernel-sides.js';
import { compareLocal, localCases } from './locally-connected2d-cases.js';
import { choose, generator, integer, seed, values } from './random.js';

const count = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/**
 * @param sideOf    the GPU, once the tests run
 * @param additions that one number of a sum of so many squares goes through
 */
export function testKernels(sideOf: () => Pick<Sides, 'compare'>, additions: (size: number) => number): void {
  const random = generator(seed);

  test.each(
    Array.from({ length: 12 }, () => ({
      pieces: integer(random, 1, 6),
      rows: integer(random, 1, 40),
      units: integer(random, 1, 9),
    })),
  )('maxout, $rows x $units of $pieces pieces', async ({ pieces, rows, units }) => {
    const shape = [rows, units * pieces];
    const g = { shape, pieces, outputs: rows * units };
    const x = values(random, rows * units * pieces).map((v) => (random() < 0.1 ? NaN : Math.round(v * 4) / 4));
    const [dy, shapes] = [values(random, g.outputs), { x: shape, dy: [rows, units] }];
    await sideOf().compare(maxout.definition, 'forward', { x }, shapes, g, () => 0);
    await sideOf().compare(maxout.definition, 'dx', { dy, x }, shapes, g, () => 0);
  });

  describe('multiclassHinge', () => {
    const op = multiclassHingeOp.definition;
    const shapesOf = ({ batch, classes, indexed, reduction }: MulticlassHingeGeometry) => ({
      ...{ logits: [batch, classes], labels: indexed ? [batch] : [batch, classes], dy: reduction === 'none' ? [batch] : [] },
    });

    // One class, more than the threads of a workgroup, rows whose losses are added up in two passes.
    const sizes = [
      ...[
        [1, 2],
        [64, 10],
        [5, 1],
        [3, 1000],
        [9, 65],
        [300, 3],
      ],
      ...Array.from({ length: 6 }, () => [integer(random, 1, 40), integer(random, 1, 150)]),
    ] as [number, number][];
    const cases = sizes.flatMap(([batch, classes]) =>
      [true, false].map((indexed) => ({
        ...{
          batch,
          classes,
          indexed,
          reduction: choose<Reduction>(random, ['mean', 'sum', 'none']),
          margin: choose(random, [1, 0.5, -1]),
        },
      })),
    );

    test.each(cases)('%j', async (g) => {
      const { batch, classes, indexed, reduction } = g;
      // Multiples of 1/64: sums of a few are exact, so that all agree on which terms are positive.
      const logits = values(random, batch * classes).map((v) => Math.round(v * 512) / 64);
      // Of equal labels the first is the class.
      const labels = values(random, indexed ? batch : batch * classes).map(() =>
        indexed ? integer(random, 0, classes - 1) : choose(random, [0, 0, 1]),
      );
      const size = 18 * classes * (reduction === 'sum' ? batch : 1);
      await sideOf().compare(op, 'forward', { logits, labels }, shapesOf(g), g, () => (classes + batch + 2) * ROUNDING * size);
      const dy = values(random, reduction === 'none' ? batch : 1);
      const weight = reduction === 'mean' ? 1 / batch : 1;
      await sideOf().compare(op, 'dlogits', { dy, logits, labels }, shapesOf(g), g, () => 4 * ROUNDING * weight * classes);
    });

    test('NaN shows, infinities and absent classes', async () => {
      const g: MulticlassHingeGeometry = { batch: 5, classes: 5, indexed: true, reduction: 'none', margin: 1 };
      const logits = Float32Array.of(1, NaN, 3, 4, 5, 1, 2, 3, 4, NaN, Infinity, 2, 3, 4, 5, 1, 2, Infinity, 4, 5, 1, 2, 3, 4, 5);
      const labels = Float32Array.of(0, 1, 0, 0, -1);
      await sideOf().compare(op, 'forward', { logits, labels }, shapesOf(g), g, () => 0);
      await sideOf().compare(op, 'dlogits', { dy: new Float32Array(5).fill(1), logits, labels }, shapesOf(g), g, () => 0);
    });
  });

  test.each(localCases(random))('locallyConnected2d %j', (drawn) => compareLocal(sideOf(), drawn, random), 120_000);

  test.each([
    { shape: [2, 4, 5, 3], pads: { top: 1, bottom: 0, left: 2, right: 3 } },
    { shape: [3, 2, 3, 8], pads: 2 },
    { shape: [1, 1, 1, 1], pads: { top: 0, bottom: 4, left: 0, right: 0 } },
  ])('zeroPad2d $shape by $pads', async ({ shape, pads }) => {
    const [op, g] = [zeroPad2d.definition, windowGeometry('zeroPad2d', shape, [1, 1], shape[3]!, { pads })];
    const yShape = op.forward.outputs['y']!(g);
    await sideOf().compare(op, 'forward', { x: values(random, count(shape)) }, { x: shape }, g, () => 0);
    await sideOf().compare(op, 'dx', { dy: values(random, count(yShape)) }, { dy: yShape }, g, () => 0);
  });

  describe('norms', () => {
    test.each([1, 7, 64, 8192, 8193, 20_004, 70_001])('of %i elements', async (size) => {
      const x = values(random, size);
      const total = x.reduce((sum, v) => sum + v * v, 0);
      const bound = (additions(size) + 2) * ROUNDING;
      for (const before of [undefined, Float32Array.of(3.5)]) {
        const inputs = { x, ...(before && { before }) };
        await sideOf().compare(squareSum, 'forward', inputs, { x: [size], before: [] }, { size }, () => bound * (total + 4));
      }
      const gradient = values(random, size);
      for (const clip of [Infinity, 0.4]) {
        const g = { size, clip, coefficient: 0.7, weightDecay: 0.1, epsilon: 0.01 };
        for (const scale of [undefined, Float32Array.of(0.6)]) {
          const inputs = { value: x, gradient, ...(scale && { scale }) };
          const ratio = onReference(trustRatio, 'forward', inputs, g)['ratio']![0]!;
          const shapes = { value: [size], gradient: [size], scale: [] };
          // Each norm is off by half of its sum's error, and by a root's.
          await sideOf().compare(trustRatio, 'forward', inputs, shapes, g, () => 2 * (bound + 16 * ROUNDING) * ratio);
        }
      }
    });

    test('a factor of what is no number is none; of zeros the ratio is 1', async () => {
      for (const [sum, most] of [
        [16, 1],
        [0.25, 1],
        [NaN, 1],
        [Infinity, 2],
        [9, Infinity],
      ] as const) {
        const inputs = { sum: Float32Array.of(sum), norm: Float32Array.of(0) };
        await sideOf().compare(clipFactor, 'forward', inputs, { sum: [], norm: [] }, { most }, () => 16 * ROUNDING * 4);
      }
      const [value, gradient] = [new Float32Array(6), values(random, 6)];
      const g = { size: 6, clip: Infinity, coefficient: 0.7, weightDecay: 0.1, epsilon: 0.01 };
      await sideOf().compare(trustRatio, 'forward', { value, gradient }, { value: [6], gradient: [6] }, g, () => 0);
    });

    test.each([
      { rows: 1, columns: 5 },
      { rows: 300, columns: 7 },
      { rows: 9, columns: 64 },
    ])('maxNorm of $rows x $columns', async ({ rows, columns }) => {
      const value = values(random, rows * columns);
      value[0] = NaN;
      const shape = [rows, columns];
      for (const most of [0.1, 0.6 * Math.sqrt(rows), 100]) {
        const g = { shape, rows, columns, most };
        await sideOf().compare(maxNormOp, 'forward', { value }, { value: shape }, g, () => (rows + 18) * ROUNDING);
      }
    });
  });
}
