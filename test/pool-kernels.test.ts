import { maxPool } from '../src/ops/max-pool/max-pool.js';
import type { ReadyOp } from '../src/backends/kernel-host.js';
import type { WindowGeometry } from '../src/geometry.js';
import type { Named } from '../src/kernels.js';
import { poolGeometry, type PoolOptions } from '../src/ops/pool/geometry.js';
import { expectWithin, onReference, Sides } from './kernel-sides.js';
import { choose, generator, integer, seed, values } from './random.js';

/** Half a unit in the last place of 1 in float32: what one rounding adds at most, relatively. */
const ROUNDING = 2 ** -24;

let sides: Sides;
beforeAll(async () => { sides = await Sides.create(); });
afterAll(() => sides.dispose());

interface Case {
  xShape: number[];
  options: PoolOptions;
}

/** LeNet's and ResNet's pools, small, and what is easily got wrong. */
const fixed: Case[] = [
  { xShape: [2, 8, 8, 6], options: { size: 2 } },
  { xShape: [2, 7, 5, 6], options: { size: 2 } },
  { xShape: [1, 10, 10, 16], options: { size: 2 } },
  { xShape: [3, 5, 5, 1], options: { size: 2 } },
  { xShape: [2, 6, 7, 3], options: { size: 2 } },
  { xShape: [1, 11, 12, 64], options: { size: 3, strides: 2, pads: 1 } },
  { xShape: [1, 9, 9, 10], options: { size: 3, strides: 2, pads: 'same' } },
  { xShape: [1, 9, 9, 21], options: { size: 3, strides: 1, pads: 'same' } },
  { xShape: [1, 6, 6, 5], options: { size: 2, strides: 3 } },
  { xShape: [1, 7, 8, 2], options: { size: [1, 3], strides: [2, 1] } },
  { xShape: [2, 1, 1, 4], options: { size: 1 } },
  { xShape: [1, 2, 2, 3], options: { size: 3, strides: 2, ceilMode: true } },
  { xShape: [1, 6, 6, 4], options: { size: 2, ceilMode: true, pads: { top: 0, bottom: 1, left: 1, right: 0 } } },
  { xShape: [1, 20, 17, 9], options: { size: 7, strides: 4, pads: 3, ceilMode: true } },
];

function randomCase(random: () => number, dilated: boolean): Case {
  for (;;) {
    const size: [number, number] = [integer(random, 1, 4), integer(random, 1, 4)];
    const [height, width] = size;
    const options: PoolOptions = {
      size,
      strides: [integer(random, 1, 4), integer(random, 1, 4)],
      pads: choose<PoolOptions['pads']>(random, ['same', 'valid', {
        top: integer(random, 0, height - 1), bottom: integer(random, 0, height - 1),
        left: integer(random, 0, width - 1), right: integer(random, 0, width - 1),
      }]),
      ceilMode: random() < 0.5,
      ...(dilated && { dilations: [integer(random, 1, 3), integer(random, 1, 3)] as const }),
    };
    const xShape = [integer(random, 1, 3), integer(random, 1, 12), integer(random, 1, 12), integer(random, 1, 23)];
    try {
      poolGeometry('case', xShape, options);
      return { xShape, options };
    } catch {
      // No output is left, or a window sees nothing but padding: draw again.
    }
  }
}

function cases(dilated: boolean): Case[] {
  const random = generator(seed);
  return [...fixed, ...Array.from({ length: 20 }, () => randomCase(random, dilated))];
}

const title = ({ xShape, options }: Case): string => `[${xShape}] ${JSON.stringify(options)}`;

/** Runs a part on all sides and compares each output with the reference. */
async function compare<G extends object>(op: ReadyOp<G>, part: string, inputs: Named<Float32Array>, shapes: Named<number[]>, g: G,
  bound: (i: number) => number): Promise<void> {
  const expected = onReference(op, part, inputs, g);
  const found = await sides.run(op, part, inputs, shapes, g);
  for (const side in found) {
    for (const name in expected) expectWithin(`${name} by ${side}`, found[side][name], expected[name], bound);
  }
}

const count = (shape: number[]): number => shape.reduce((a, b) => a * b, 1);
const taps = (g: WindowGeometry): number => g.filterHeight * g.filterWidth;
const magnitudes = (array: Float32Array): Float32Array => array.map(Math.abs);

describe(`maxPool's kernels (seed ${seed})`, () => {
  const op = maxPool.definition;

  async function compareBoth(xShape: number[], x: Float32Array, g: WindowGeometry): Promise<void> {
    const yShape = op.forward.outputs['y'](g);
    await compare(op, 'forward', { x }, { x: xShape }, g, () => 0);
    const y = Float32Array.from(onReference(op, 'forward', { x }, g)['y']);
    const dy = values(generator(seed + 1), y.length);
    const scale = onReference(op, 'dx', { dy: magnitudes(dy), x, y }, g)['dx'];
    await compare(op, 'dx', { dy, x, y }, { dy: yShape, x: xShape, y: yShape }, g, (i) => taps(g) * ROUNDING * scale[i]);
  }

  test.each(cases(true).map((c) => [title(c), c] as const))('%s', async (_, { xShape, options }) => {
    const g = poolGeometry('maxPool', xShape, options);
    const random = generator(seed + xShape[3]);
    const n = count(xShape);
    // All negative: padding must not win.
    await compareBoth(xShape, values(random, n).map((v) => v - 2), g);
    // Ties, NaN, infinities, signed zeros.
    await compareBoth(xShape, values(random, n).map((v) => choose(random, [v, 0, -0, 0.5, -0.5, NaN, -Infinity, Infinity])), g);
  });

  test('a picture of -Infinity has the maximum -Infinity', async () => {
    const xShape = [1, 5, 5, 6];
    const g = poolGeometry('maxPool', xShape, { size: 3, strides: 2, pads: 1 });
    await compareBoth(xShape, new Float32Array(count(xShape)).fill(-Infinity), g);
  });
});
