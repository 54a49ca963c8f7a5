/** Upsampling on every side against float64, PyTorch's numbers, and misuse. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import { GeometryError } from '../src/geometry.js';
import { upsample2d } from '../src/index.js';
import { type UpsampleOptions, upsampleGeometry } from '../src/ops/upsample/geometry.js';
import { onReference, ROUNDING, Sides } from './kernel-sides.js';
import { choose, generator, integer, seed, values } from './random.js';

const op = upsample2d.definition;
const random = generator(seed);
const count = (shape: number[]): number => shape.reduce((a, b) => a * b, 1);

function draw(): { xShape: number[]; options: UpsampleOptions } {
  const xShape = [integer(random, 1, 3), integer(random, 2, 9), integer(random, 2, 9), integer(random, 1, 11)];
  const size = [integer(random, 1, 20), integer(random, 1, 20)] as const;
  const scale = choose<NonNullable<UpsampleOptions['scale']>>(random, [2, 3, [1, 4], 1.5, [0.5, 2.3]]);
  const mode = choose(random, ['nearest', 'bilinear', 'bilinear'] as const);
  const options = { ...(random() < 0.5 ? { size } : { scale }), mode };
  return { xShape, options: mode === 'bilinear' && random() < 0.5 ? { ...options, alignCorners: true } : options };
}

/** U-Net's and FPN's doubling, pictures and results of one pixel, rows that no output sees. */
const fixed: { xShape: number[]; options: UpsampleOptions }[] = [
  { xShape: [2, 5, 4, 16], options: { scale: 2 } },
  { xShape: [2, 5, 4, 6], options: { scale: 2, mode: 'bilinear' } },
  { xShape: [1, 5, 4, 4], options: { size: [9, 7], mode: 'bilinear', alignCorners: true } },
  { xShape: [2, 1, 3, 3], options: { size: [4, 1], mode: 'bilinear', alignCorners: true } },
  { xShape: [1, 1, 1, 5], options: { size: 3, mode: 'bilinear' } },
  { xShape: [1, 9, 8, 2], options: { size: [2, 3] } },
  { xShape: [1, 9, 8, 2], options: { size: [2, 3], mode: 'bilinear' } },
];

describe(`on all sides against float64, seed ${seed}`, () => {
  let sides: Sides;
  beforeAll(async () => {
    sides = await Sides.create();
  });
  afterAll(() => sides.dispose());

  test.each([...fixed, ...Array.from({ length: 14 }, draw)])('%j', async ({ xShape, options }) => {
    const g = upsampleGeometry('upsample2d', xShape, options);
    const yShape = op.forward.outputs['y']!(g);
    const x = values(random, count(xShape));
    const dy = values(random, count(yShape));
    const sizes = onReference(op, 'forward', { x: x.map(Math.abs) }, g)['y']!;
    // Four products; a weight is rounded twice, and one near 0 is the difference of two others.
    const absolute = options.mode === 'bilinear' ? 4 * ROUNDING : 0;
    await sides.compare(op, 'forward', { x }, { x: xShape }, g, (i) => 8 * ROUNDING * sizes[i]! + absolute);
    const shares = onReference(op, 'dx', { dy: dy.map(Math.abs) }, g)['dx']!;
    const terms = yShape[1]! * yShape[2]!;
    await sides.compare(op, 'dx', { dy }, { dy: yShape }, g, (i) => (terms + 4) * (ROUNDING * shares[i]! + absolute));
  });

  test.each(['nearest', 'bilinear'] as const)('%s: one NaN reaches its neighbours and no others', async (mode) => {
    const g = upsampleGeometry('upsample2d', [1, 5, 5, 3], { scale: 3, mode });
    const x = values(random, 75);
    x[37] = NaN;
    x[3] = Infinity;
    await sides.compare(op, 'forward', { x }, { x: [1, 5, 5, 3] }, g, () => 8 * ROUNDING);
    const dy = values(random, 675);
    dy[300] = NaN;
    await sides.compare(op, 'dx', { dy }, { dy: [1, 15, 15, 3] }, g, () => 64 * ROUNDING);
  });
});

describe("PyTorch's numbers", () => {
  beforeAll(() => tf.setBackend('cpu'));

  /** dy = 1 + i / 2 for element i = 1, 2, ... */
  test.each<[UpsampleOptions, number[], number[]]>([
    [
      { size: [3, 5], mode: 'bilinear', alignCorners: true },
      [1, 1.5, 2, 3, 4, 4.5, 2, -0.5, 2, 4.5, 8, 2.5, -3, 1, 5],
      [5.625, 10, 9.375, 13.125, 20, 16.875],
    ],
    [
      { size: [3, 5], mode: 'bilinear' },
      [1, 1.4, 2, 3.2, 4, 4.5, 2.5, -0.5, 2.5, 4.5, 8, 3.6, -3, 1.8, 5],
      [6.05, 9, 9.95, 14.05, 18, 17.95],
    ],
    [
      { scale: 1.5, mode: 'bilinear' },
      [1, 1.5, 2.333333, 3.666667, 4.5, 2, 0.333333, 3.666667, 8, 2.5, -1.666667, 3.666667],
      [5.25, 6.875, 5.375, 11.25, 12.875, 9.375],
    ],
    [{ scale: 1.5 }, [1, 1, 2, 4, 1, 1, 2, 4, 8, 8, -3, 5], [11, 7, 8, 11.5, 6.5, 7]],
    [{ size: [3, 5] }, [1, 1, 2, 2, 4, 1, 1, 2, 2, 4, 8, 8, -3, -3, 5], [12, 16, 9.5, 13.5, 15.5, 8.5]],
    [{ size: [1, 2], mode: 'bilinear', alignCorners: true }, [1, 4], [1.5, 0, 2, 0, 0, 0]],
    [{ size: [1, 2] }, [1, 2], [1.5, 2, 0, 0, 0, 0]],
    [{ scale: 1.1 }, [1, 2, 4, 8, -3, 5], [1.5, 2, 2.5, 3, 3.5, 4]],
  ])('%j', (options, y, dx) => {
    const x = tf.tensor4d([1, 2, 4, 8, -3, 5], [1, 2, 3, 1]);
    const found = upsample2d(x, options);
    const dy = tf.reshape(tf.add(1, tf.mul(0.5, tf.range(1, y.length + 1))), found.shape);
    const gradient = tf.grad((v: tf.Tensor) => upsample2d(v as tf.Tensor4D, options))(x, dy);
    // Six digits were written down.
    y.forEach((value, i) => expect(found.dataSync()[i]).toBeCloseTo(value, 5));
    dx.forEach((value, i) => expect(gradient.dataSync()[i]).toBeCloseTo(value, 5));
    expect(found.size).toBe(y.length);
  });
});

test('misuse is named', async () => {
  await tf.setBackend('cpu');
  const x: tf.Tensor4D = tf.zeros([1, 2, 2, 1]);
  expect(() => upsample2d(x, {})).toThrow(
    new GeometryError('upsample2d: size (of the result) or scale must be given, and not both'),
  );
  expect(() => upsample2d(x, { size: 4, scale: 2 })).toThrow('size (of the result) or scale must be given, and not both');
  expect(() => upsample2d(x, undefined as never)).toThrow('size (of the result) or scale');
  expect(() => upsample2d(x, { scale: [2, 0] })).toThrow(
    'scale must be a positive number or two of them [height, width], got [2,0]',
  );
  expect(() => upsample2d(x, { scale: 0.3 })).toThrow('no output is left: [2,2] times scale [0.3,0.3]');
  expect(() => upsample2d(x, { size: 1.5 })).toThrow('size must be a positive integer');
  expect(() => upsample2d(x, { scale: 2, mode: 'bicubic' as never })).toThrow(
    "mode must be 'nearest' or 'bilinear', got 'bicubic'",
  );
  expect(() => upsample2d(x, { scale: 2, alignCorners: true })).toThrow("alignCorners goes with mode 'bilinear' only");
  expect(() => upsample2d(tf.zeros([2, 2]) as never, { scale: 2 })).toThrow('x must have rank 4');
  expect(() => upsample2d(tf.zeros([1, 0, 2, 1]), { scale: 2 })).toThrow('x must have at least one row and one column');
  expect(() => upsample2d(tf.zeros([1, 2, 2, 1], 'int32'), { scale: 2 })).toThrow('x must be float32');
});
