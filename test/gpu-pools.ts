/** Pools and unpooling on a GPU against float64, on every geometry that pool-kernels.test.ts draws, and misuse of switches. */
import type { ReadyOp } from '../src/backends/kernel-host.js';
import { adaptiveAvgPool } from '../src/ops/adaptive-pool/adaptive-avg-pool.js';
import { adaptiveMaxPool } from '../src/ops/adaptive-pool/adaptive-max-pool.js';
import { adaptivePoolGeometry } from '../src/ops/adaptive-pool/geometry.js';
import { avgPool } from '../src/ops/avg-pool/avg-pool.js';
import { avgPoolGeometry } from '../src/ops/avg-pool/geometry.js';
import { l2Pool } from '../src/ops/l2-pool/l2-pool.js';
import { maxPool } from '../src/ops/max-pool/max-pool.js';
import { maxPoolWithSwitches } from '../src/ops/max-pool/max-pool-with-switches.js';
import { maxUnpoolGeometry } from '../src/ops/max-unpool/geometry.js';
import { maxUnpool2d } from '../src/ops/max-unpool/max-unpool.js';
import type { PoolSizes } from '../src/ops/pool/axis.js';
import { poolGeometry } from '../src/ops/pool/geometry.js';
import { onReference, ROUNDING, type Sides } from './kernel-sides.js';
import { poolCases } from './pool-cases.js';
import { choose, generator, integer, seed, values } from './random.js';

const count = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
const magnitudes = (array: Float32Array): Float32Array => array.map(Math.abs);
const shapeOfX = (g: PoolSizes): number[] => [g.batch, g.inHeight, g.inWidth, g.inChannels];

/** WGSL and GLSL let a quotient be off by two and a half units of its last place, five roundings, and a root by as much twice. */
const QUOTIENT = 5;
const ROOT = 10;

/** Values with ties, NaN, infinities and signed zeros. */
const awkward = (random: () => number, n: number): Float32Array =>
  values(random, n).map((v) => choose(random, [v, 0, -0, 0.5, -0.5, NaN, -Infinity, Infinity]));

/** @param sideOf the GPU, once the tests run */
export function testPools(sideOf: () => Pick<Sides, 'compare'>): void {
  /** Maxima exact, gradients to the rounding of their sums. */
  async function compareMax<G extends PoolSizes>(op: ReadyOp<G>, x: Float32Array, g: G): Promise<void> {
    await sideOf().compare(op, 'forward', { x }, { x: shapeOfX(g) }, g, () => 0);
    const found = onReference(op, 'forward', { x }, g);
    const dy = values(generator(seed + 1), found['y']!.length);
    const wanted = op.parts['dx']!.inputs.filter((name) => name !== 'dy');
    const known = Object.fromEntries(wanted.map((name) => [name, Float32Array.from(found[name] ?? x)]));
    const yShape = op.parts['forward']!.outputs['y']!(g);
    const sizes = onReference(op, 'dx', { dy: magnitudes(dy), ...known }, g)['dx']!;
    const shapes = { dy: yShape, y: yShape, switches: yShape, x: shapeOfX(g) };
    await sideOf().compare(op, 'dx', { dy, ...known }, shapes, g, (i) => g.outHeight * g.outWidth * ROUNDING * sizes[i]!);
  }

  /** A sum of n terms and its quotient. */
  async function compareAverage<G extends PoolSizes>(op: ReadyOp<G>, x: Float32Array, g: G): Promise<void> {
    const [yShape, terms] = [op.parts['forward']!.outputs['y']!(g), g.inHeight * g.inWidth];
    const size = onReference(op, 'forward', { x: magnitudes(x) }, g)['y']!;
    await sideOf().compare(op, 'forward', { x }, { x: shapeOfX(g) }, g, (i) => (terms + QUOTIENT) * ROUNDING * size[i]!);
    const dy = values(generator(seed + 1), count(yShape));
    const scale = onReference(op, 'dx', { dy: magnitudes(dy) }, g)['dx']!;
    const sums = g.outHeight * g.outWidth;
    await sideOf().compare(op, 'dx', { dy }, { dy: yShape }, g, (i) => (sums + QUOTIENT) * ROUNDING * scale[i]!);
  }

  test.each(poolCases(true))('maxima of %s', async (_, { xShape, options }) => {
    const g = poolGeometry('maxPool', xShape, options);
    const random = generator(seed + xShape[3]!);
    const n = count(xShape);
    for (const op of [maxPool.definition, maxPoolWithSwitches.definition]) {
      // All negative: padding must not win.
      for (const x of [values(random, n).map((v) => v - 2), awkward(random, n)]) await compareMax(op, x, g);
    }
  });

  test.each(poolCases(false))('means and norms of %s', async (_, { xShape, options }) => {
    const random = generator(seed + xShape[3]!);
    // Windows of nothing but zeros among others.
    const x = values(random, count(xShape)).map((v) => (v < 0.3 ? 0 : v));
    for (const countIncludePad of [true, false]) {
      await compareAverage(avgPool.definition, x, avgPoolGeometry(xShape, { ...options, countIncludePad }));
    }
    const [g, op] = [poolGeometry('l2Pool', xShape, options), l2Pool.definition];
    const [yShape, taps] = [op.forward.outputs['y']!(g), g.filterHeight * g.filterWidth];
    const norms = onReference(op, 'forward', { x }, g)['y']!;
    // The root halves the sum's error.
    await sideOf().compare(op, 'forward', { x }, { x: xShape }, g, (i) => ((taps + 2) / 2 + ROOT) * ROUNDING * norms[i]!);
    const [y, dy] = [Float32Array.from(norms), values(random, norms.length)];
    const scale = onReference(op, 'dx', { dy: magnitudes(dy), x, y }, g)['dx']!;
    const sums = g.outHeight * g.outWidth;
    const shapes = { dy: yShape, y: yShape, x: xShape };
    await sideOf().compare(op, 'dx', { dy, x, y }, shapes, g, (i) => (sums + QUOTIENT + 2) * ROUNDING * Math.abs(scale[i]!));
  });

  const random = generator(seed);
  const adaptive = [
    { xShape: [2, 7, 5, 3], outputSize: [3, 2] },
    // Bins that share pixels, one for many pixels, and more bins than pixels.
    { xShape: [1, 9, 4, 5], outputSize: [7, 3] },
    { xShape: [2, 8, 6, 4], outputSize: [1, 1] },
    { xShape: [1, 3, 2, 6], outputSize: [7, 5] },
    { xShape: [1, 6, 6, 2], outputSize: [6, 6] },
    ...Array.from({ length: 8 }, () => ({
      xShape: [integer(random, 1, 3), integer(random, 1, 14), integer(random, 1, 14), integer(random, 1, 9)],
      outputSize: [integer(random, 1, 9), integer(random, 1, 9)],
    })),
  ] as { xShape: number[]; outputSize: [number, number] }[];

  test.each(adaptive)('adaptive pools of $xShape to $outputSize', async ({ xShape, outputSize }) => {
    const g = adaptivePoolGeometry('adaptivePool', xShape, { outputSize });
    await compareAverage(adaptiveAvgPool.definition, values(random, count(xShape)), g);
    await compareMax(adaptiveMaxPool.definition, values(random, count(xShape)), g);
    await compareMax(adaptiveMaxPool.definition, awkward(random, count(xShape)), g);
  });

  test('bins of long sides do not overflow', async () => {
    const g = adaptivePoolGeometry('adaptivePool', [1, 1, 60_001, 1], { outputSize: [1, 40_000] });
    await compareMax(adaptiveMaxPool.definition, values(random, 60_001), g);
  });

  const unpoolings = [
    ...Array.from({ length: 10 }, () => ({
      xShape: [choose(random, [1, 2, 9]), integer(random, 1, 5), integer(random, 1, 5), choose(random, [1, 3, 4, 17])],
      outputSize: [integer(random, 1, 9), integer(random, 1, 9)] as const,
    })),
    // So many channels that one thread has a whole picture of each.
    { xShape: [3, 2, 2, 3000], outputSize: [4, 4] as const },
  ];

  test.each(unpoolings)('unpooling of $xShape to $outputSize, switches that point nowhere among others', async (each) => {
    const { xShape, outputSize } = each;
    const [op, g] = [maxUnpool2d.definition, maxUnpoolGeometry(xShape, xShape, { outputSize })];
    const places = g.outHeight * g.outWidth;
    const nowhere = [-1, places, places + 7, 0.5, -0, NaN, Infinity, -Infinity, 2 ** 31, -(2 ** 31), 2 ** 40, 1e38];
    const switches = values(random, count(xShape)).map(() =>
      random() < 0.7 ? integer(random, 0, places - 1) : choose(random, nowhere),
    );
    const [x, yShape] = [values(random, count(xShape)), op.forward.outputs['y']!(g)];
    const sizes = onReference(op, 'forward', { x: magnitudes(x), switches }, g)['y']!;
    const shapes = { x: xShape, switches: xShape, dy: yShape };
    await sideOf().compare(op, 'forward', { x, switches }, shapes, g, (i) => g.inHeight * g.inWidth * ROUNDING * sizes[i]!);
    await sideOf().compare(op, 'dx', { dy: values(random, count(yShape)), switches }, shapes, g, () => 0);
  });
}
