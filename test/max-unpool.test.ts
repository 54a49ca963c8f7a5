/** Max pooling with switches and unpooling on every side against float64; switches that point nowhere; misuse. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import { CnnRuntime } from '../src/backends/wasm-cnn/runtime.js';
import { GeometryError } from '../src/geometry.js';
import { customGradOf, maxPool, maxPoolWithSwitches, maxUnpool2d } from '../src/index.js';
import { type MaxUnpoolGeometry, maxUnpoolGeometry } from '../src/ops/max-unpool/geometry.js';
import { poolGeometry } from '../src/ops/pool/geometry.js';
import { onReference, ROUNDING, Sides } from './kernel-sides.js';
import { poolCases } from './pool-cases.js';
import { choose, generator, integer, seed, values } from './random.js';

let sides: Sides;
beforeAll(async () => {
  sides = await Sides.create();
});
afterAll(() => sides.dispose());

const count = (shape: number[]): number => shape.reduce((a, b) => a * b, 1);

describe(`maxPoolWithSwitches' kernels (seed ${seed})`, () => {
  const op = maxPoolWithSwitches.definition;

  test.each(poolCases(true))('%s', async (_, { xShape, options }) => {
    const g = poolGeometry('maxPoolWithSwitches', xShape, options);
    const random = generator(seed + xShape[3]!);
    const n = count(xShape);
    const awkward = values(random, n).map((v) => choose(random, [v, 0, -0, 0.5, -0.5, NaN, -Infinity, Infinity]));
    for (const x of [values(random, n).map((v) => v - 2), awkward]) {
      await sides.compare(op, 'forward', { x }, { x: xShape }, g, () => 0);
      const { y, switches } = onReference(op, 'forward', { x }, g);
      expect(y).toEqual(onReference(maxPool.definition, 'forward', { x }, g)['y']);
      const dy = values(random, y!.length);
      const places = Float32Array.from(switches!);
      const expected = onReference(maxPool.definition, 'dx', { dy, x, y: y! }, g)['dx']!;
      expect(onReference(op, 'dx', { dy, switches: places }, g)['dx']).toEqual(expected);
      const sizes = onReference(op, 'dx', { dy: dy.map(Math.abs), switches: places }, g)['dx']!;
      const yShape = op.forward.outputs['y']!(g);
      const windows = g.outHeight * g.outWidth;
      await sides.compare(
        op,
        'dx',
        { dy, switches: places },
        { dy: yShape, switches: yShape },
        g,
        (i) => windows * ROUNDING * sizes[i]!,
      );
    }
  });
});

/** Places in the picture and around it, several values at one place, and what is no place at all. */
function evil(random: () => number, g: MaxUnpoolGeometry): Float32Array {
  const places = g.outHeight * g.outWidth;
  return Float32Array.from({ length: g.batch * g.inHeight * g.inWidth * g.channels }, () =>
    random() < 0.7
      ? integer(random, 0, places - 1)
      : choose(random, [-1, places, places + 7, 0.5, -0, NaN, Infinity, -Infinity, 2 ** 31, -(2 ** 31), 2 ** 40, 1e38]),
  );
}

describe(`maxUnpool2d's kernels (seed ${seed})`, () => {
  const op = maxUnpool2d.definition;
  const random = generator(seed);
  const drawn = Array.from({ length: 12 }, () => ({
    xShape: [choose(random, [1, 2, 9]), integer(random, 1, 5), integer(random, 1, 5), choose(random, [1, 3, 4, 16, 17, 35])],
    outputSize: [integer(random, 1, 9), integer(random, 1, 9)] as const,
  }));

  test.each(drawn)('%j', async ({ xShape, outputSize }) => {
    const g = maxUnpoolGeometry(xShape, xShape, { outputSize });
    const x = values(random, count(xShape));
    const switches = evil(random, g);
    const yShape = op.forward.outputs['y']!(g);
    const sizes = onReference(op, 'forward', { x: x.map(Math.abs), switches }, g)['y']!;
    const shapes = { x: xShape, switches: xShape, dy: yShape };
    const all = g.inHeight * g.inWidth;
    await sides.compare(op, 'forward', { x, switches }, shapes, g, (i) => all * ROUNDING * sizes[i]!);
    const dy = values(random, count(yShape));
    await sides.compare(op, 'dx', { dy, switches }, shapes, g, () => 0);
  });

  test('no switch makes a kernel of wasm-cnn write outside of y', async () => {
    const runtime = await CnnRuntime.create({ threads: 1 });
    const shape = [2, 4, 4, 5];
    const g = maxUnpoolGeometry(shape, shape, { outputSize: [3, 2] });
    const [size, n, guard] = [60, count(shape), 4096];
    const block = runtime.allocate((n * 2 + size + 2 * guard) * 4, 'test');
    const [x, switches, y] = [block, block + n * 4, block + (n * 2 + guard) * 4];
    for (let round = 0; round < 20; round++) {
      runtime.float32(x, n).set(values(random, n));
      runtime.float32(switches, n).set(evil(random, g));
      const [before, after] = [runtime.float32(y - guard * 4, guard), runtime.float32(y + size * 4, guard)];
      before.fill(7);
      after.fill(7);
      op.kernels.wasmCnn['forward']!({ x, switches }, { y }, g, runtime);
      runtime.endKernel();
      expect(before.every((v) => v === 7)).toBe(true);
      expect(after.every((v) => v === 7)).toBe(true);
    }
    runtime.release(block);
    runtime.dispose();
  });
});

describe.each(['cpu', 'wasm-cnn', 'wasm'])('on %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));
  const picture = () => tf.tensor4d([1, 2, 6, 3, 3, 5, 2, 1, 1, 2, 2, 1, 7, 3, 4, 8], [1, 4, 4, 1]);

  test("by hand, PyTorch's example: pooled, and put back", () => {
    const { y, switches } = maxPoolWithSwitches(picture(), { size: 2 });
    expect([...y.dataSync()]).toEqual([5, 6, 7, 8]);
    expect([...switches.dataSync()]).toEqual([5, 2, 12, 15]);
    const back = maxUnpool2d(y, switches, { size: 2 });
    expect(back.shape).toEqual([1, 4, 4, 1]);
    expect([...back.dataSync()]).toEqual([0, 0, 6, 0, 0, 5, 0, 0, 0, 0, 0, 0, 7, 0, 0, 8]);
  });

  test('values that meet add up; a larger picture has other places', () => {
    const values_ = tf.tensor4d([1, 2, 4, 8], [1, 2, 2, 1]);
    const switches = tf.tensor4d([3, 3, -1, 0], [1, 2, 2, 1]);
    expect([...maxUnpool2d(values_, switches, { outputSize: [1, 5] }).dataSync()]).toEqual([8, 0, 0, 3, 0]);
  });

  test('the gradient passes pool and unpool; the switches, which depend on x too, add nothing', () => {
    const through = (v: tf.Tensor): tf.Tensor => {
      const { y, switches } = maxPoolWithSwitches(tf.mul(v, 2) as tf.Tensor4D, { size: 2 });
      return maxUnpool2d(tf.square(y), switches, { size: 2 });
    };
    const { value, grad } = tf.valueAndGrad(through)(picture(), tf.reshape(tf.range(1, 17), [1, 4, 4, 1]));
    // y = (2 x)^2, dx = 8 x dy at the maxima.
    expect([...value.dataSync()].filter((v) => v)).toEqual([144, 100, 196, 256]);
    expect([...grad.dataSync()]).toEqual([0, 0, 8 * 6 * 3, 0, 0, 8 * 5 * 6, 0, 0, 0, 0, 0, 0, 8 * 7 * 13, 0, 0, 8 * 8 * 16]);
  });
});

test('as a customGrad function: the switches have a gradient, which is 0', async () => {
  await tf.setBackend('cpu');
  const [x, switches]: tf.Tensor4D[] = [tf.ones([1, 2, 2, 1]), tf.tensor4d([3, 0, 9, 1], [1, 2, 2, 1])];
  const eager = customGradOf(maxUnpool2d);
  const gradients = tf.grads((a, b) => eager(a as tf.Tensor4D, b as tf.Tensor4D, { outputSize: [1, 5] }));
  const [dx, dswitches] = gradients([x!, switches!], tf.tensor4d([1, 2, 3, 4, 5], [1, 1, 5, 1]));
  expect([...dx!.dataSync()]).toEqual([4, 1, 0, 2]);
  expect([...dswitches!.dataSync()]).toEqual([0, 0, 0, 0]);
});

test('sizes of the picture that was pooled', () => {
  const sizeOf = (size: number, options: Parameters<typeof maxUnpoolGeometry>[2]) =>
    maxUnpoolGeometry([1, size, size, 1], [1, size, size, 1], options).outHeight;
  expect(sizeOf(4, { size: 3, strides: 2 })).toBe(9);
  expect(sizeOf(4, { size: 3, strides: 2, pads: 1 })).toBe(7);
  expect(sizeOf(4, { outputSize: 8 })).toBe(8);
});

test('misuse is named', async () => {
  await tf.setBackend('cpu');
  const x: tf.Tensor4D = tf.zeros([1, 2, 2, 3]);
  expect(() => maxUnpool2d(x, tf.zeros([1, 2, 3, 3]), { size: 2 })).toThrow(
    new GeometryError('maxUnpool2d: switches must have the shape of x [1,2,2,3], got [1,2,3,3]'),
  );
  expect(() => maxUnpool2d(x, tf.zeros([1, 2, 2, 3], 'int32'), { size: 2 })).toThrow('switches must be float32, got int32');
  expect(() => maxUnpool2d(x, x, {})).toThrow(
    'maxUnpool2d: outputSize must be given, or size (strides, pads) of the pool that is to be undone',
  );
  expect(() => maxUnpool2d(x, x, undefined as never)).toThrow('outputSize must be given');
  expect(() => maxUnpool2d(x, x, { size: 2, outputSize: 4 })).toThrow('outputSize and size both say how large the result is');
  expect(() => maxUnpool2d(x, x, { size: 2, pads: 2 })).toThrow('no output is left: [2,2] with size [2,2]');
  expect(() => maxUnpool2d(x, x, { size: 2, pads: 'same' as never })).toThrow('pads must be a non-negative integer');
  expect(() => maxUnpool2d(x, x, { outputSize: 5000 })).toThrow('number 16777216 places of a picture at most, got 5000 x 5000');
  expect(() => maxUnpool2d(tf.zeros([2, 2]) as never, x, { size: 2 })).toThrow('x must have rank 4');
  expect(() => maxPoolWithSwitches(x, { size: 3 })).toThrow('maxPoolWithSwitches: no output is left');
  expect(() => maxPoolWithSwitches(tf.zeros([1, 2, 2, 3], 'int32'), { size: 2 })).toThrow('x must be float32');
});
