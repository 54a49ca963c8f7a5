/** Transposed convolution on every side against float64, its sizes against PyTorch's and TensorFlow's, and misuse. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import { ArgumentError, GeometryError } from '../src/geometry.js';
import { convTranspose2d } from '../src/index.js';
import type { FusedActivation } from '../src/ops/activation/fused.js';
import { type ConvTranspose2DShapeOptions, convTranspose2dGeometry } from '../src/ops/conv-transpose2d/geometry.js';
import { compareFilterOp } from './filter-op-parts.js';
import { Sides } from './kernel-sides.js';
import { choose, generator, integer, seed } from './random.js';

interface Drawn {
  xShape: number[];
  filterShape: number[];
  options: ConvTranspose2DShapeOptions;
  withBias: boolean;
}

const activations: FusedActivation[] = ['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'tanh'];

function draw(random: () => number): Drawn {
  for (;;) {
    const groups = choose(random, [1, 1, 1, 2, 3]);
    const strides: [number, number] = [integer(random, 1, 4), integer(random, 1, 4)];
    const dilations: [number, number] = random() < 0.6 ? [1, 1] : [integer(random, 1, 3), integer(random, 1, 3)];
    const pads = choose<ConvTranspose2DShapeOptions['pads']>(random, [
      'same',
      'valid',
      integer(random, 0, 2),
      { top: integer(random, 0, 3), bottom: integer(random, 0, 3), left: integer(random, 0, 3), right: integer(random, 0, 3) },
    ]);
    const added = [0, 1].map((i) => integer(random, 0, Math.max(strides[i]!, dilations[i]!) - 1)) as [number, number];
    const drawn = {
      xShape: [integer(random, 1, 5), integer(random, 1, 7), integer(random, 1, 7), groups * integer(random, 1, 7)],
      filterShape: [integer(random, 1, 5), integer(random, 1, 5), integer(random, 1, 9)],
      options: { groups, strides, dilations, pads, activation: choose(random, activations) },
      withBias: random() < 0.7,
    };
    drawn.filterShape.push(drawn.xShape[3]!);
    const options = pads !== 'same' && random() < 0.5 ? { ...drawn.options, outputPadding: added } : drawn.options;
    try {
      convTranspose2dGeometry(drawn.xShape, drawn.filterShape, options);
      return { ...drawn, options };
    } catch {
      // No output is left: draw again.
    }
  }
}

/** What nets use: a GAN's 4x4 with stride 2, SegNet's and U-Net's 2x2, 3x3 with output padding; and what is easily got wrong. */
const fixed: Drawn[] = [
  { xShape: [4, 5, 5, 12], filterShape: [4, 4, 9, 12], options: { strides: 2, pads: 1, activation: 'relu' }, withBias: true },
  { xShape: [2, 6, 6, 8], filterShape: [2, 2, 5, 8], options: { strides: 2 }, withBias: true },
  { xShape: [2, 5, 4, 3], filterShape: [3, 3, 4, 3], options: { strides: 2, pads: 1, outputPadding: 1 }, withBias: true },
  { xShape: [1, 4, 4, 6], filterShape: [3, 3, 1, 6], options: { groups: 6, strides: 2, pads: 'same' }, withBias: true },
  // A dilation larger than the stride lets the padding of the output be larger than the stride, too.
  {
    xShape: [5, 4, 5, 3],
    filterShape: [3, 2, 5, 3],
    options: { strides: 1, dilations: 3, pads: 1, outputPadding: 2 },
    withBias: true,
  },
  { xShape: [1, 1, 1, 2], filterShape: [7, 5, 3, 2], options: {}, withBias: false },
  // Windows with gaps between them: some of y is the bias alone.
  { xShape: [2, 3, 3, 2], filterShape: [1, 2, 3, 2], options: { strides: 4, pads: 'valid' }, withBias: true },
];

const title = ({ xShape, filterShape, options, withBias }: Drawn): string =>
  `[${xShape}] with [${filterShape}]${withBias ? ' and bias' : ''}, ${JSON.stringify(options)}`;

describe(`on all sides against float64, seed ${seed}`, () => {
  let sides: Sides;
  beforeAll(async () => {
    sides = await Sides.create();
  });
  afterAll(() => sides.dispose());

  const random = generator(seed);
  const drawn = [...fixed, ...Array.from({ length: 25 }, () => draw(random))];

  test.each(drawn.map((each) => [title(each), each] as const))('%s', async (_, { xShape, filterShape, options, withBias }) => {
    const g = convTranspose2dGeometry(xShape, filterShape, options);
    const { inHeight, inWidth, inChannels, groups } = g.convolution;
    const window = filterShape[0]! * filterShape[1]!;
    const dy = [xShape[0]!, inHeight, inWidth, inChannels];
    const places = xShape[0]! * xShape[1]! * xShape[2]!;
    await compareFilterOp(
      sides,
      convTranspose2d.definition,
      g,
      {
        shapes: { x: xShape, filter: filterShape, bias: [inChannels], dy },
        terms: {
          forward: (window * xShape[3]!) / groups + 1,
          dx: (window * inChannels) / groups,
          dfilter: places,
          dbias: xShape[0]! * inHeight * inWidth,
        },
        withBias,
      },
      random,
    );
  });
});

describe('sizes', () => {
  const sizeOf = (size: number, window: number, options: ConvTranspose2DShapeOptions): number =>
    convTranspose2dGeometry([1, size, size, 1], [window, window, 1, 1], options).convolution.inHeight;

  test("PyTorch's: (size - 1) stride - 2 padding + dilation (window - 1) + outputPadding + 1", () => {
    expect(sizeOf(4, 3, {})).toBe(6);
    expect(sizeOf(5, 3, { strides: 2, pads: 1, outputPadding: 1 })).toBe(10);
    expect(sizeOf(5, 3, { strides: 3, pads: 2, dilations: 2, outputPadding: 2 })).toBe(15);
    expect(sizeOf(4, 2, { strides: 3 })).toBe(11);
  });

  test("TensorFlow's: size * stride, and what a window wider than the stride adds", () => {
    expect(sizeOf(5, 3, { strides: 2, pads: 'same' })).toBe(10);
    expect(sizeOf(5, 3, { strides: 2, pads: 'valid' })).toBe(11);
    expect(sizeOf(4, 2, { strides: 3, pads: 'valid' })).toBe(12);
  });
});

describe('on cpu', () => {
  beforeAll(() => tf.setBackend('cpu'));

  test('by hand: each pixel lays down the filter', () => {
    const x = tf.tensor4d([1, 10], [1, 1, 2, 1]);
    const filter = tf.tensor4d([1, 2, 3], [1, 3, 1, 1]);
    const bias = tf.tensor1d([100]);
    const lay = (options: object) => Array.from(convTranspose2d(x, filter, { bias, ...options }).dataSync(), (v) => v - 100);
    expect(lay({})).toEqual([1, 12, 23, 30]);
    expect(lay({ strides: 2 })).toEqual([1, 2, 13, 20, 30]);
    expect(lay({ strides: 2, pads: [0, 1], outputPadding: [0, 1] })).toEqual([2, 13, 20, 30]);
    expect(lay({ strides: [1, 2], pads: 'same' })).toEqual([1, 2, 13, 20]);
  });

  test.each(['same', 'valid'] as const)('as tf.conv2dTranspose has it, %s', (pads) => {
    const x: tf.Tensor4D = tf.randomNormal([2, 4, 5, 3], 0, 1, 'float32', 1);
    const filter: tf.Tensor4D = tf.randomNormal([3, 2, 4, 3], 0, 1, 'float32', 2);
    const y = convTranspose2d(x, filter, { strides: 2, pads });
    const stock = tf.conv2dTranspose(x, filter, y.shape, 2, pads);
    // Sums of 18 products of size 1.
    expect(tf.max(tf.abs(tf.sub(y, stock))).dataSync()[0]).toBeLessThan(1e-5);
  });

  test('misuse is named', () => {
    const x: tf.Tensor4D = tf.zeros([1, 4, 4, 6]);
    const filter: tf.Tensor4D = tf.zeros([3, 3, 2, 6]);
    expect(() => convTranspose2d(tf.zeros([4, 4, 6]) as never, filter)).toThrow(
      new GeometryError('convTranspose2d: x must have rank 4 [batch, height, width, channels], got rank 3 [4,4,6]'),
    );
    expect(() => convTranspose2d(x, tf.zeros([3, 3, 6]) as never)).toThrow('filter must have rank 4');
    expect(() => convTranspose2d(x, tf.zeros([3, 3, 2, 5]))).toThrow(
      new GeometryError(
        'convTranspose2d: x has 6 channels, but filter [3,3,2,5] takes 5; its fourth size must be the channels of x, ' +
          'its third those of the result',
      ),
    );
    expect(() => convTranspose2d(x, filter, { groups: 4 })).toThrow(
      "groups must be a divisor of the filter's 6 input channels, got 4",
    );
    expect(() => convTranspose2d(x, filter, { strides: 2, outputPadding: 2 })).toThrow(
      'convTranspose2d: outputPadding must be a non-negative integer or two of them [height, width], each less than the stride ' +
        'or the dilation (strides [2,2], dilations [1,1]), got 2',
    );
    expect(() => convTranspose2d(x, filter, { strides: 2, pads: 'same', outputPadding: 1 })).toThrow(
      "outputPadding must be left out where pads is 'same'",
    );
    expect(() => convTranspose2d(x, filter, { pads: 3 })).toThrow(
      new GeometryError(
        'convTranspose2d: no output is left: height 4 with stride 1 and the window 3 gives 6, from which pads take 6',
      ),
    );
    expect(() => convTranspose2d(x, filter, { pads: 'full' as never })).toThrow("pads must be 'same', 'valid'");
    expect(() => convTranspose2d(x, filter, { bias: tf.zeros([6]) })).toThrow('bias must have shape [2]');
    expect(() => convTranspose2d(x, filter, { activation: 'gelu' as never })).toThrow(ArgumentError);
    expect(() => convTranspose2d(tf.zeros([1, 0, 4, 6]), filter)).toThrow('x must have at least one row and one column');
    expect(() => convTranspose2d(tf.zeros([1, 4, 4, 6], 'int32'), filter)).toThrow('x must be float32, got int32');
  });
});
