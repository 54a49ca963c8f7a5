import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers';
import { readFileSync } from 'node:fs';
import { customGradOf } from '../src/define-op.js';
import {
  ArgumentError,
  adaptiveAvgPool,
  adaptiveMaxPool,
  avgPool,
  GeometryError,
  globalAvgPool,
  globalMaxPool,
  l2Pool,
  maxPool,
} from '../src/index.js';
import type { Op } from '../src/op-definition.js';
import { uniform } from './golden-fill.js';
import { expectWithin, ROUNDING } from './kernel-sides.js';
import { describeIf, sharedPath } from './requires.js';

const backends = ['cpu', 'wasm', 'wasm-cnn'];
const pools = { maxPool, avgPool, l2Pool, adaptiveAvgPool, adaptiveMaxPool };

type Pool = (x: tf.Tensor4D, options: object) => tf.Tensor4D;

interface Filled {
  shape: [number, number, number, number];
  scale: number;
}
interface Expected {
  shape: number[];
  values: number[];
}
interface Golden {
  op: keyof typeof pools;
  params: Record<string, unknown>;
  inputs: Record<'x' | 'dy', Filled>;
  outputs: Record<'y' | 'dx', Expected>;
}

/** The gradient of a pool of x that takes nothing else. */
function gradient(pool: (x: tf.Tensor4D) => tf.Tensor, x: tf.Tensor4D, dy: tf.Tensor): tf.Tensor {
  return tf.grad((v: tf.Tensor) => pool(v as tf.Tensor4D))(x, dy);
}

const count = (shape: number[]): number => shape.reduce((a, b) => a * b, 1);

/** The file's names of options, ours. */
function optionsOf({ size, stride, padding, dilation, ...rest }: Record<string, unknown>): object {
  return {
    size,
    strides: stride,
    ...rest,
    ...(padding !== undefined && { pads: padding }),
    ...(dilation !== undefined && { dilations: dilation }),
  };
}

describeIf('golden', "PyTorch's pools in float64", () => {
  const { cases } = JSON.parse(readFileSync(sharedPath('golden/ops.json'), 'utf8')) as { cases: Golden[] };
  const own = cases.filter(({ op }) => op in pools);

  test('there are 24 of them', () => expect(own).toHaveLength(24));

  test.each(own.map((each, i) => [`${i} ${each.op} ${JSON.stringify(each.params)}`, each] as const))('%s', async (_, golden) => {
    const { op, inputs, outputs } = golden;
    const x = uniform('x', count(inputs.x.shape));
    const dy = uniform('dy', count(inputs.dy.shape));
    const pool = pools[op] as unknown as Pool & Op<[tf.Tensor4D, object], object>;
    const { prepare, kernels } = pool.definition;
    await tf.setBackend('cpu');
    const { geometry } = prepare(tf.zeros(inputs.x.shape), optionsOf(golden.params));

    const y64 = new Float64Array(count(outputs.y.shape)).fill(NaN);
    const dx64 = new Float64Array(x.length).fill(NaN);
    kernels.reference['forward']({ x }, { y: y64 }, geometry);
    kernels.reference['dx']({ dy, x, y: y64 }, { dx: dx64 }, geometry);
    // The file has ten digits.
    expectWithin('y of the reference', y64, Float64Array.from(outputs.y.values), (i) => 1e-9 * Math.abs(y64[i]) + 1e-12);
    expectWithin('dx of the reference', dx64, Float64Array.from(outputs.dx.values), (i) => 1e-9 * Math.abs(dx64[i]) + 1e-12);

    for (const backend of backends) {
      await tf.setBackend(backend);
      tf.tidy(() => {
        const run = tf.valueAndGrad((v: tf.Tensor) => pool(v as tf.Tensor4D, optionsOf(golden.params)));
        const { value, grad } = run(
          tf.tensor4d(Float32Array.from(x), inputs.x.shape),
          tf.tensor4d(Float32Array.from(dy), inputs.dy.shape),
        );
        expect(value.shape).toEqual(outputs.y.shape);
        // No number is larger than 1, no window has more than 72 elements, and no element is in more than 25 windows.
        expectWithin(`y on ${backend}`, Float64Array.from(value.dataSync()), y64, () => (72 + 4) * ROUNDING);
        expectWithin(`dx on ${backend}`, Float64Array.from(grad.dataSync()), dx64, () => (25 + 4 + 72) * ROUNDING);
      });
    }
  });
});

interface Course {
  name: string;
  published: Record<string, number[][]>;
  published_out_first: number[][];
  published_out_last: number[][];
  f: number;
  stride: number;
  A_prev: { shape: [number, number, number, number]; data: number[] };
  dA: { shape: [number, number, number, number]; data: number[] };
  x: { shape: [number, number, number, number]; data: number[] };
}

describeIf('course fixtures', "the pools of two courses' exercises", () => {
  const courses = JSON.parse(readFileSync(sharedPath('course-fixtures.json'), 'utf8')) as Course[];
  const named = (name: string): Course => courses.find((course) => course.name === name)!;
  const close = (found: tf.Tensor, expected: number[][]): void =>
    // Eight digits were printed.
    expectWithin('published', Float64Array.from(found.dataSync()), Float64Array.from(expected.flat()), () => 1e-6);

  beforeAll(() => tf.setBackend('wasm-cnn'));

  test('pool_forward', () => {
    const { A_prev, f, stride, published } = named('coursera pool_forward f=4');
    const x = tf.tensor4d(A_prev.data, A_prev.shape);
    const options = { size: f, strides: stride };
    close(maxPool(x, options), published['max']);
    close(avgPool(x, options), published['average']);
  });

  test('pool_backward', () => {
    const { A_prev, dA, published } = named('coursera pool_backward f=2 stride 1');
    const x = tf.tensor4d(A_prev.data, A_prev.shape);
    const dy = tf.tensor4d(dA.data, dA.shape);
    const at11 = (dx: tf.Tensor): tf.Tensor => tf.slice(dx, [1, 1], [1, 1]);
    close(at11(gradient((v) => maxPool(v, { size: 2, strides: 1 }), x, dy)), published['max_dA_prev_1_1']);
    close(at11(gradient((v) => avgPool(v, { size: 2, strides: 1 }), x, dy)), published['average_dA_prev_1_1']);
  });

  test('max_pool_forward_naive', () => {
    const { x, published_out_first, published_out_last } = named('cs231n max_pool_forward_naive 2x2/2');
    // The exercise is channels-first.
    const y = tf.transpose(maxPool(tf.transpose(tf.tensor4d(x.data, x.shape), [0, 2, 3, 1]), { size: 2 }), [0, 3, 1, 2]);
    close(tf.slice(y, [0, 0], [1, 1]), published_out_first);
    close(tf.slice(y, [1, 2], [1, 1]), published_out_last);
  });
});

describe("PyTorch's rules at the edge, by hand", () => {
  const row = (...values: number[]): tf.Tensor4D => tf.tensor4d(values, [1, 1, values.length, 1]);
  const numbers = (t: tf.Tensor): number[] => Array.from(t.dataSync());

  describe.each(backends)('on %s', (backend) => {
    beforeAll(() => tf.setBackend(backend));

    test('ceil mode keeps the last window, even one larger than the picture', () => {
      expect(numbers(maxPool(row(1, 2, 3, 4, 5), { size: [1, 2], ceilMode: true }))).toEqual([2, 4, 5]);
      expect(numbers(maxPool(row(1, 2, 3, 4, 5), { size: [1, 2] }))).toEqual([2, 4]);
      expect(numbers(maxPool(row(3, 1), { size: [1, 3], strides: 2, ceilMode: true }))).toEqual([3]);
    });

    test('ceil mode drops a window that would begin in the right padding', () => {
      // Positions -1..4 of which 0..3 are pixels; the third window of 2 would begin at 3 + 1.
      const pads = { top: 0, bottom: 0, left: 1, right: 1 };
      expect(maxPool(row(1, 2, 3, 4), { size: [1, 2], strides: 3, pads, ceilMode: true }).shape).toEqual([1, 1, 2, 1]);
    });

    test('the divisor counts padding, but not what lies beyond it', () => {
      const x = row(1, 2, 3, 4, 5);
      const options = { size: [1, 3] as const, strides: 2, pads: [0, 1] as const, ceilMode: true };
      // Windows [pad,1,2], [2,3,4], [4,5,pad].
      expect(numbers(avgPool(x, options))).toEqual([1, 3, 3]);
      expect(numbers(avgPool(x, { ...options, countIncludePad: false }))).toEqual([1.5, 3, 4.5]);
      // Of the last window, only position 4 lies within picture and padding: [4, beyond].
      expect(numbers(avgPool(row(1, 2, 3, 4, 8), { size: [1, 2], ceilMode: true, countIncludePad: true }))).toEqual([
        1.5, 3.5, 8,
      ]);
    });

    test("the default counts no padding of 'same', and explicit padding", () => {
      expect(numbers(avgPool(row(2, 4, 6), { size: [1, 3], strides: 1, pads: 'same' }))).toEqual([3, 4, 5]);
      expect(numbers(avgPool(row(2, 4, 6), { size: [1, 3], strides: 1, pads: [0, 1] }))).toEqual([
        2,
        4,
        expect.closeTo(10 / 3, 6),
      ]);
    });

    test('of equals the first takes the gradient', () => {
      const dx = gradient((x) => maxPool(x, { size: [1, 2] }), row(1, 1, -2, -1), row(5, 7));
      expect(numbers(dx)).toEqual([5, 0, 0, 7]);
      expect(numbers(gradient((x) => globalMaxPool(x), row(3, 3, 3), tf.tensor2d([[4]])))).toEqual([4, 0, 0]);
    });

    test('where an L2 window is zero, so is its gradient', () => {
      const dx = gradient((x) => l2Pool(x, { size: [1, 2] }), row(0, 0, 3, 4), row(1, 10));
      expect(numbers(dx)).toEqual([0, 0, expect.closeTo(6, 5), expect.closeTo(8, 5)]);
    });

    test('global pools give [batch, channels], or keep the rank', () => {
      const x = tf.tensor4d([1, 10, 2, 20, 3, 30, 6, 60], [1, 2, 2, 2]);
      expect(globalAvgPool(x).shape).toEqual([1, 2]);
      expect(numbers(globalAvgPool(x))).toEqual([3, 30]);
      expect(globalMaxPool(x, { keepDims: true }).shape).toEqual([1, 1, 1, 2]);
      expect(numbers(gradient((v) => globalAvgPool(v), x, tf.tensor2d([[4, 8]])))).toEqual([1, 2, 1, 2, 1, 2, 1, 2]);
    });
  });
});

// Not on stock wasm: its Identity copies, which tfjs's test mode takes for a leak of customGrad.
test.each(['cpu', 'wasm-cnn'])('customGradOf gives the same gradient on %s', async (backend) => {
  await tf.setBackend(backend);
  const x = tf.tensor4d([1, 3, 2, 5], [1, 1, 4, 1]);
  const dx = gradient((v) => customGradOf(maxPool)(v, { size: [1, 2] }), x, tf.tensor4d([1, 2], [1, 1, 2, 1]));
  expect(Array.from(dx.dataSync())).toEqual([0, 1, 0, 2]);
});

describe('errors say what was expected and found', () => {
  const x = (): tf.Tensor4D => tf.zeros([1, 4, 4, 2]);
  const never = undefined as never;
  beforeAll(() => tf.setBackend('cpu'));

  test.each([
    [() => maxPool(x(), { size: 5 }), GeometryError, /maxPool: no output is left: height 4 .* window 5/],
    [() => maxPool(x(), { size: 0 }), GeometryError, /maxPool: size must be a positive integer .* got 0/],
    [() => maxPool(x(), never), GeometryError, /maxPool: size must be .* got undefined/],
    [() => maxPool(x(), { size: 2, strides: -1 }), GeometryError, /strides must be/],
    [() => maxPool(x(), { size: 2, pads: 2 }), GeometryError, /window 0 along the height of 4 holds nothing but padding/],
    [() => maxPool(tf.zeros([4, 4]) as never, { size: 2 }), GeometryError, /x must have rank 4 .* got rank 2 \[4,4\]/],
    [() => maxPool(tf.zeros([1, 4, 4, 1], 'int32'), { size: 2 }), ArgumentError, /maxPool: x must be float32, got int32/],
    [() => maxPool([1, 2] as never, { size: 2 }), ArgumentError, /maxPool: x must be a tensor, got object/],
    [() => avgPool(x(), { size: 2, dilations: 2 } as never), GeometryError, /avgPool: dilations must be 1, got \[2,2\]/],
    [() => l2Pool(x(), { size: 2, dilations: 2 } as never), GeometryError, /l2Pool: dilations must be 1/],
    [() => adaptiveAvgPool(x(), { outputSize: 0 }), GeometryError, /outputSize must be a positive integer/],
    [() => adaptiveMaxPool(x(), never), GeometryError, /outputSize must be a positive integer .* got undefined/],
    [() => globalAvgPool(tf.zeros([1, 0, 4, 1])), GeometryError, /at least one row and one column, got \[1,0,4,1\]/],
  ])('%#', (call, kind, message) => {
    expect(call).toThrow(kind);
    expect(call).toThrow(message);
  });
});
