import type { ReadyOp } from '../src/backends/kernel-host.js';
import type { WindowGeometry } from '../src/geometry.js';
import { adaptiveAvgPool } from '../src/ops/adaptive-pool/adaptive-avg-pool.js';
import { adaptiveMaxPool } from '../src/ops/adaptive-pool/adaptive-max-pool.js';
import { adaptivePoolGeometry } from '../src/ops/adaptive-pool/geometry.js';
import { avgPool } from '../src/ops/avg-pool/avg-pool.js';
import { avgPoolGeometry } from '../src/ops/avg-pool/geometry.js';
import { globalPoolGeometry } from '../src/ops/global-pool/geometry.js';
import { globalAvgPool } from '../src/ops/global-pool/global-avg-pool.js';
import { globalMaxPool } from '../src/ops/global-pool/global-max-pool.js';
import { l2Pool } from '../src/ops/l2-pool/l2-pool.js';
import { maxPool } from '../src/ops/max-pool/max-pool.js';
import type { PoolSizes } from '../src/ops/pool/axis.js';
import { poolGeometry } from '../src/ops/pool/geometry.js';
import { onReference, ROUNDING, Sides } from './kernel-sides.js';
import { poolCases } from './pool-cases.js';
import { choose, generator, seed, values } from './random.js';

let sides: Sides;
beforeAll(async () => {
  sides = await Sides.create();
});
afterAll(() => sides.dispose());

const count = (shape: number[]): number => shape.reduce((a, b) => a * b, 1);
const taps = (g: WindowGeometry): number => g.filterHeight * g.filterWidth;
const magnitudes = (array: Float32Array): Float32Array => array.map(Math.abs);
const shapeOfX = (g: PoolSizes): number[] => [g.batch, g.inHeight, g.inWidth, g.inChannels];

/** Values with ties, NaN, infinities and signed zeros. */
function awkward(random: () => number, n: number): Float32Array {
  return values(random, n).map((v) => choose(random, [v, 0, -0, 0.5, -0.5, NaN, -Infinity, Infinity]));
}

/** Both passes of a max pool: values exact, gradients to the rounding of their sums. */
async function compareMax<G extends PoolSizes>(op: ReadyOp<G>, x: Float32Array, g: G): Promise<void> {
  const xShape = shapeOfX(g);
  const yShape = op.parts['forward'].outputs['y'](g);
  await sides.compare(op, 'forward', { x }, { x: xShape }, g, () => 0);
  const y = Float32Array.from(onReference(op, 'forward', { x }, g)['y']);
  const dy = values(generator(seed + 1), y.length);
  const scale = onReference(op, 'dx', { dy: magnitudes(dy), x, y }, g)['dx'];
  const sums = g.outHeight * g.outWidth;
  await sides.compare(op, 'dx', { dy, x, y }, { dy: yShape, x: xShape, y: yShape }, g, (i) => sums * ROUNDING * scale[i]);
}

/** Both passes of an average pool; a sum of n terms and its weight are n + 3 roundings. */
async function compareAverage<G extends PoolSizes>(op: ReadyOp<G>, x: Float32Array, g: G, terms: number): Promise<void> {
  const yShape = op.parts['forward'].outputs['y'](g);
  const size = onReference(op, 'forward', { x: magnitudes(x) }, g)['y'];
  await sides.compare(op, 'forward', { x }, { x: shapeOfX(g) }, g, (i) => (terms + 3) * ROUNDING * size[i]);
  const dy = values(generator(seed + 1), count(yShape));
  const scale = onReference(op, 'dx', { dy: magnitudes(dy) }, g)['dx'];
  await sides.compare(op, 'dx', { dy }, { dy: yShape }, g, (i) => (g.outHeight * g.outWidth + 3) * ROUNDING * scale[i]);

  // The adjoint identity, in float64.
  const y = onReference(op, 'forward', { x }, g)['y'];
  const dx = onReference(op, 'dx', { dy }, g)['dx'];
  const forward = y.reduce((sum, v, i) => sum + v * dy[i], 0);
  const backward = dx.reduce((sum, v, i) => sum + v * x[i], 0);
  expect(Math.abs(forward - backward)).toBeLessThanOrEqual(1e-12 * y.reduce((sum, v, i) => sum + Math.abs(v * dy[i]), 1));
}

describe(`maxPool's kernels (seed ${seed})`, () => {
  test.each(poolCases(true))('%s', async (_, { xShape, options }) => {
    const g = poolGeometry('maxPool', xShape, options);
    const random = generator(seed + xShape[3]);
    const n = count(xShape);
    // All negative: padding must not win.
    await compareMax(
      maxPool.definition,
      values(random, n).map((v) => v - 2),
      g,
    );
    await compareMax(maxPool.definition, awkward(random, n), g);
  });

  test('a picture of -Infinity has the maximum -Infinity', async () => {
    const g = poolGeometry('maxPool', [1, 5, 5, 6], { size: 3, strides: 2, pads: 1 });
    await compareMax(maxPool.definition, new Float32Array(150).fill(-Infinity), g);
  });
});

describe(`avgPool's kernels (seed ${seed})`, () => {
  test.each(poolCases(false))('%s', async (_, { xShape, options }) => {
    const x = values(generator(seed + xShape[3]), count(xShape));
    for (const countIncludePad of [true, false]) {
      const g = avgPoolGeometry(xShape, { ...options, countIncludePad });
      await compareAverage(avgPool.definition, x, g, taps(g));
    }
  });

  test('one NaN or infinity reaches the windows that hold it and no others', async () => {
    const g = avgPoolGeometry([1, 8, 8, 5], { size: 3, strides: 2, pads: 1 });
    const x = values(generator(seed), 320);
    x[87] = NaN;
    x[203] = Infinity;
    await sides.compare(avgPool.definition, 'forward', { x }, { x: [1, 8, 8, 5] }, g, () => 16 * ROUNDING);
  });
});

describe(`l2Pool's kernels (seed ${seed})`, () => {
  const op = l2Pool.definition;

  test.each(poolCases(false))('%s', async (_, { xShape, options }) => {
    const g = poolGeometry('l2Pool', xShape, options);
    const random = generator(seed + xShape[3]);
    // Windows of nothing but zeros among others.
    const x = values(random, count(xShape)).map((v) => (v < 0.3 ? 0 : v));
    const yShape = op.forward.outputs['y'](g);
    const y64 = onReference(op, 'forward', { x }, g)['y'];
    // The relative error of the sum is halved by the root.
    await sides.compare(op, 'forward', { x }, { x: xShape }, g, (i) => ((taps(g) + 2) / 2 + 1) * ROUNDING * y64[i]);
    const y = Float32Array.from(y64);
    const dy = values(random, y.length);
    const scale = onReference(op, 'dx', { dy: magnitudes(dy), x: magnitudes(x), y }, g)['dx'];
    await sides.compare(
      op,
      'dx',
      { dy, x, y },
      { dy: yShape, x: xShape, y: yShape },
      g,
      (i) => (g.outHeight * g.outWidth + 3) * ROUNDING * scale[i],
    );
  });

  test('NaN and infinity', async () => {
    const g = poolGeometry('l2Pool', [1, 6, 6, 5], { size: 2 });
    const x = values(generator(seed), 180);
    x[7] = NaN;
    x[100] = -Infinity;
    await sides.compare(op, 'forward', { x }, { x: [1, 6, 6, 5] }, g, () => 8 * ROUNDING);
  });
});

describe(`adaptive and global pools' kernels (seed ${seed})`, () => {
  const shapes = [
    [2, 9, 8, 3],
    [1, 7, 7, 20],
    [2, 3, 5, 6],
    [1, 1, 4, 1],
    [1, 13, 6, 17],
  ];
  const outputs = [
    [1, 1],
    [2, 3],
    [7, 7],
    [4, 1],
  ] as const;
  const both = shapes.flatMap((xShape) => outputs.map((outputSize) => ({ xShape, outputSize })));

  test.each(both)('%j', async ({ xShape, outputSize }) => {
    const g = adaptivePoolGeometry('adaptivePool', xShape, { outputSize });
    const random = generator(seed);
    await compareAverage(adaptiveAvgPool.definition, values(random, count(xShape)), g, g.inHeight * g.inWidth);
    await compareMax(adaptiveMaxPool.definition, awkward(random, count(xShape)), g);
  });

  test.each(shapes)('global, [%i, %i, %i, %i]', async (...xShape) => {
    const random = generator(seed);
    for (const keepDims of [false, true]) {
      const g = globalPoolGeometry('globalPool', xShape, { keepDims });
      await compareAverage(globalAvgPool.definition, values(random, count(xShape)), g, g.inHeight * g.inWidth);
      await compareMax(globalMaxPool.definition, awkward(random, count(xShape)), g);
    }
  });
});

describe('central differences in float64', () => {
  const g = poolGeometry('pool', [2, 7, 6, 3], { size: 3, strides: 2, pads: 1 });

  test.each([
    ['maxPool', maxPool.definition],
    ['l2Pool', l2Pool.definition],
  ] as const)('%s', (_, op) => {
    const x = Float64Array.from(values(generator(seed), 252));
    const forward = (from: Float64Array): Float64Array => onReference(op, 'forward', { x: from }, g)['y'];
    const y = forward(x);
    const dy = Float64Array.from(values(generator(seed + 1), y.length));
    const dx = onReference(op, 'dx', { dy, x, y }, g)['dx'];
    const step = 1e-6;
    for (let i = 0; i < x.length; i++) {
      const nudged = (by: number): number => {
        const from = x.slice();
        from[i] += by;
        return forward(from).reduce((sum, v, o) => sum + v * dy[o], 0);
      };
      // Truncation is of the order of step^2, rounding of 1e-16 / step.
      expect(Math.abs((nudged(step) - nudged(-step)) / (2 * step) - dx[i])).toBeLessThan(1e-7);
    }
  });
});
