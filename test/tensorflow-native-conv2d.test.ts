/** Native convolutions of the tensorflow backend on the CPU: every way that they go, against the float64 loops. */
import * as tf from '@tensorflow/tfjs-core';
import { nativeAddon } from '../src/backends/tensorflow/native.js';
import { conv2d, maxPool } from '../src/index.js';
import { ops } from '../src/op-kernels.js';
import { type Conv2DGeometry, type Conv2DShapeOptions, conv2dGeometry } from '../src/ops/conv2d/geometry.js';
import { winogradErrorBound } from '../src/ops/conv2d/winograd-error.js';
import { winogradAllowed, winogradSuits } from '../src/ops/conv2d/winograd-rule.js';
import { ROUNDING } from './kernel-sides.js';
import { execute, expectPart, filled, type Shapes } from './native-calls.js';
import { describeIf } from './requires.js';
import { onAcceleratedTensorFlow, opsOf } from './tensorflow.js';

type Part = 'forward' | 'dx' | 'dfilter';

const INPUTS: Record<Part, string[]> = { forward: ['x', 'filter', 'bias'], dx: ['dy', 'filter'], dfilter: ['x', 'dy'] };
const OUTPUT: Record<Part, string> = { forward: 'y', dx: 'dx', dfilter: 'dfilter' };

/** Of sums of so many products of numbers up to 1, and the bias. */
const direct = (terms: number): number => ((terms + 2) * ROUNDING * (terms + 1)) / (1 - (terms + 2) * ROUNDING);

function boundOf(g: Conv2DGeometry, part: Part): number {
  if (winogradAllowed() && winogradSuits(g)) return winogradErrorBound(g, part).bound + 2 * ROUNDING;
  const taps = g.filterHeight * g.filterWidth;
  return direct({ forward: taps * g.inChannels, dx: taps * g.outChannels, dfilter: g.batch * g.outHeight * g.outWidth }[part]);
}

/** On processors with wide registers also what narrower ones run. */
const widths = [16, 8, 4].map((width) => () => void nativeAddon()!.lanes(width));

function expectAllParts(xShape: number[], filterShape: number[], options: Conv2DShapeOptions): void {
  const out = filterShape[3]!;
  const g = conv2dGeometry(xShape, filterShape, { ...options, biasShape: [out] });
  const shapes: Shapes = { x: xShape, filter: filterShape, bias: [out], dy: [g.batch, g.outHeight, g.outWidth, out] };
  for (const part of Object.keys(INPUTS) as Part[]) {
    const inputs = Object.fromEntries(INPUTS[part].map((name) => [name, filled(name, tf.util.sizeFromShape(shapes[name]!))]));
    expectPart(ops.get('CnnConv2D')!, part, inputs, shapes, g, { [OUTPUT[part]]: boundOf(g, part) }, widths);
  }
}

describeIf('tfjs-node', 'native convolutions', () => {
  onAcceleratedTensorFlow();

  afterEach(() => nativeAddon()!.lanes(16));

  const pads = (top: number, right: number, bottom: number, left: number) => ({ top, right, bottom, left });

  test.each<[string, number[], number[], Conv2DShapeOptions]>([
    ['tails of channels and tiles', [2, 7, 9, 17], [3, 3, 17, 19], { pads: pads(1, 1, 1, 1) }],
    ['more tiles than a block', [3, 30, 31, 16], [3, 3, 16, 32], { pads: pads(1, 1, 1, 1), activation: 'relu' }],
    ['uneven pads', [2, 9, 10, 20], [3, 3, 20, 48], { pads: pads(0, 1, 2, 0) }],
    ['filters larger than the cache', [2, 9, 12, 170], [3, 3, 170, 180], { pads: pads(1, 1, 1, 1), activation: 'relu' }],
    ['filters larger than the cache, and many tiles', [7, 16, 16, 161], [3, 3, 161, 161], { pads: pads(1, 1, 1, 1) }],
  ])('by Winograd: %s', (_name, x, filter, options) => {
    expect(winogradSuits(conv2dGeometry(x, filter, options))).toBe(true);
    expectAllParts(x, filter, options);
  });

  test.each<[string, number[], number[], Conv2DShapeOptions]>([
    ["LeNet-5's first", [3, 28, 28, 1], [5, 5, 1, 6], { pads: 'same', activation: 'relu' }],
    ["LeNet-5's second", [3, 14, 14, 6], [5, 5, 6, 16], { activation: 'tanh' }],
    ["ResNet's first", [2, 30, 31, 3], [7, 7, 3, 64], { pads: pads(3, 3, 3, 3), strides: 2 }],
    ['3x3 with stride 2', [2, 9, 8, 16], [3, 3, 16, 24], { pads: pads(0, 1, 1, 0), strides: 2 }],
    ['1x1 with stride 2, which leaves pixels unseen', [2, 8, 9, 16], [1, 1, 16, 24], { strides: 2 }],
    ['strides beyond the filter', [2, 11, 10, 4], [2, 2, 4, 6], { strides: [3, 4] }],
    ['rows alone', [2, 5, 12, 5], [1, 7, 5, 33], { pads: pads(0, 3, 0, 3) }],
    ['one output', [4, 5, 5, 40], [5, 5, 40, 3], {}],
  ])('as defined: %s', (_name, x, filter, options) => {
    expect(winogradSuits(conv2dGeometry(x, filter, options))).toBe(false);
    expectAllParts(x, filter, options);
  });

  test('registers are as wide as they are, or narrower', () => {
    const { lanes } = nativeAddon()!;
    const widest = lanes(1000);
    expect([4, 8, 16]).toContain(widest);
    expect([lanes(9), lanes(4)]).toEqual([Math.min(8, widest), 4]);
    expect(() => lanes(3)).toThrow(/at least 4/);
  });

  test('max pools take what is first, in registers of any width', () => {
    const x = tf.tensor4d(filled('x', 2 * 9 * 8 * 37), [2, 9, 8, 37]);
    const run = () =>
      tf
        .grads((a: tf.Tensor) => maxPool(a as tf.Tensor4D, { size: 3, strides: 2 }))([x], tf.ones([2, 4, 3, 37]))[0]!
        .dataSync();
    const widest = [...run()];
    for (const width of [8, 4]) {
      nativeAddon()!.lanes(width);
      expect([...run()]).toEqual(widest);
    }
  });

  test('one op each way, and groups by other ops', () => {
    const x = tf.ones([1, 6, 6, 16]) as tf.Tensor4D;
    const filter = tf.ones([3, 3, 16, 16]) as tf.Tensor4D;
    expect(opsOf(() => conv2d(x, filter, { activation: 'relu' }))).toEqual(['TfjsCnnConv2D']);
    const both = opsOf(() =>
      tf.grads((a: tf.Tensor, b: tf.Tensor) => conv2d(a as tf.Tensor4D, b as tf.Tensor4D))([x, filter], tf.ones([1, 4, 4, 16])),
    );
    expect(both).toEqual(['TfjsCnnConv2D', 'TfjsCnnConv2DGradInput', 'TfjsCnnConv2DGradFilter']);
    const grouped = opsOf(() => conv2d(x, tf.ones([3, 3, 8, 16]) as tf.Tensor4D, { groups: 2 }));
    expect(grouped).not.toContain('TfjsCnnConv2D');
  });

  test('NaN and infinity are where the sum has them; relu keeps NaN', () => {
    const y = (value: number) =>
      conv2d(tf.fill([1, 1, 2, 1], value) as tf.Tensor4D, tf.tensor4d([1, -1, 0], [1, 1, 1, 3]), {
        activation: 'relu',
      }).dataSync();
    expect([...y(NaN)]).toEqual([NaN, NaN, NaN, NaN, NaN, NaN]);
    expect([...y(-Infinity)]).toEqual([0, Infinity, NaN, 0, Infinity, NaN]);
  });

  test('the gradient of a bias sums many rows in double precision', () => {
    const [rows, channels] = [100_000, 6];
    const dy = tf.fill([rows, channels], 0.1);
    const [dbias] = execute('TfjsCnnBiasGrad', {}, [dy], 1);
    // Pieces of 1,024 rows, four sums each: 256 roundings, and one of the whole.
    const bound = 258 * ROUNDING * rows * 0.1;
    for (const v of dbias!.dataSync()) expect(Math.abs(v - rows * Math.fround(0.1))).toBeLessThanOrEqual(bound);
    expect(execute('TfjsCnnBiasGrad', {}, [tf.ones([0, 3])], 1)[0]!.arraySync()).toEqual([0, 0, 0]);
    expect(() => execute('TfjsCnnBiasGrad', {}, [tf.scalar(1)], 1)).toThrow(/dy must have channels, got \[\]/);
  });

  describe('refuse', () => {
    const geometry = [6, 6, 4, 4, 3, 3, 1, 1, 0, 0];
    const x = () => tf.ones([2, 6, 6, 16]);
    const filter = () => tf.ones([3, 3, 16, 8]);
    const dy = () => tf.ones([2, 4, 4, 8]);
    const run = (more: object, inputs: tf.Tensor[], op = 'TfjsCnnConv2D') =>
      execute(
        op,
        { geometry, winograd: false, ...(op === 'TfjsCnnConv2D' && { relu: false, N: inputs.length - 2 }), ...more },
        inputs,
        1,
      );

    test.each<[string, () => unknown, RegExp]>([
      ['another picture', () => run({}, [tf.ones([2, 6, 7, 16]), filter()]), /x must have shape \[2,6,6,16\], got \[2,6,7,16\]/],
      ['a vector', () => run({}, [tf.ones([6]), filter()]), /must have 4 dimensions, got \[6\]/],
      ['another filter', () => run({}, [x(), tf.ones([3, 3, 15, 8])]), /filter must have shape \[3,3,16,8\], got \[3,3,15,8\]/],
      ['a short bias', () => run({}, [x(), filter(), tf.ones([7])]), /bias must have shape \[8\], got \[7\]/],
      [
        'another dy',
        () => run({}, [tf.ones([2, 4, 5, 8]), filter()], 'TfjsCnnConv2DGradInput'),
        /dy must have shape \[2,4,4,8\]/,
      ],
      ['other batches', () => run({}, [x(), tf.ones([1, 4, 4, 8])], 'TfjsCnnConv2DGradFilter'), /dy must have shape \[2,4,4,8\]/],
      ['a stride of 0', () => run({ geometry: [6, 6, 4, 4, 3, 3, 0, 1, 0, 0] }, [x(), filter()]), /must be positive/],
      ['too few sizes', () => run({ geometry: [6, 6] }, [x(), filter()]), /geometry must have 10 numbers, got 2/],
      ['sizes out of hand', () => run({ geometry: [6, 6, 2 ** 25, 4, 3, 3, 1, 1, 0, 0] }, [x(), filter()]), /at most/],
      ['Winograd of 5x5', () => run({ geometry: [6, 6, 2, 2, 5, 5, 1, 1, 0, 0], winograd: true }, [x(), filter()]), /takes 3x3/],
    ])('%s, and go on', (_name, call, message) => {
      expect(call).toThrow(message);
      expect(run({}, [x(), filter()])[0]!.shape).toEqual([2, 4, 4, 8]);
      expect(run({}, [x(), dy()], 'TfjsCnnConv2DGradFilter')[0]!.shape).toEqual([3, 3, 16, 8]);
    });
  });
});
