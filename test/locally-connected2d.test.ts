/** Unshared convolution on every side against float64, against conv2d where all filters are the same, and misuse. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import { GeometryError, windowGeometry } from '../src/geometry.js';
import { conv2d, locallyConnected2d } from '../src/index.js';
import type { FusedActivation } from '../src/ops/activation/fused.js';
import { type LocallyConnected2DShapeOptions, locallyConnected2dGeometry } from '../src/ops/locally-connected2d/geometry.js';
import { compareFilterOp } from './filter-op-parts.js';
import { Sides } from './kernel-sides.js';
import { choose, generator, integer, seed } from './random.js';

interface Drawn {
  xShape: [number, number, number, number];
  filters: number;
  options: LocallyConnected2DShapeOptions & { kernelSize: [number, number] };
  withBias: boolean;
}

const activations: FusedActivation[] = ['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'tanh'];

function draw(random: () => number): Drawn {
  for (;;) {
    const drawn: Drawn = {
      xShape: [integer(random, 1, 6), integer(random, 1, 8), integer(random, 1, 8), integer(random, 1, 9)],
      filters: choose(random, [1, 3, 4, 7, 8, 13, 16]),
      options: {
        kernelSize: [integer(random, 1, 4), integer(random, 1, 4)],
        strides: [integer(random, 1, 3), integer(random, 1, 3)],
        pads: choose<LocallyConnected2DShapeOptions['pads']>(random, ['same', 'valid', { top: 2, bottom: 0, left: 1, right: 3 }]),
        activation: choose(random, activations),
      },
      withBias: random() < 0.7,
    };
    try {
      windowGeometry('case', drawn.xShape, drawn.options.kernelSize, 1, drawn.options);
      return drawn;
    } catch {
      // No output is left: draw again.
    }
  }
}

const fixed: Drawn[] = [
  { xShape: [5, 7, 7, 4], filters: 16, options: { kernelSize: [3, 3], activation: 'relu' }, withBias: true },
  { xShape: [1, 6, 5, 3], filters: 2, options: { kernelSize: [3, 3] }, withBias: true },
  // Pads wider than the window, so that some outputs see nothing of x; and rows of x that no window sees.
  { xShape: [2, 2, 3, 3], filters: 5, options: { kernelSize: [2, 2], pads: 3, strides: 2 }, withBias: true },
  { xShape: [2, 7, 8, 2], filters: 9, options: { kernelSize: [2, 1], strides: 3 }, withBias: false },
];

describe(`on all sides against float64, seed ${seed}`, () => {
  let sides: Sides;
  beforeAll(async () => {
    sides = await Sides.create();
  });
  afterAll(() => sides.dispose());

  const random = generator(seed);

  test.each([...fixed, ...Array.from({ length: 16 }, () => draw(random))])(
    '%j',
    async ({ xShape, filters, options, withBias }) => {
      const { outHeight, outWidth } = windowGeometry('case', xShape, options.kernelSize, filters, options);
      const window = options.kernelSize[0] * options.kernelSize[1];
      const filter = [outHeight, outWidth, window * xShape[3], filters];
      const g = locallyConnected2dGeometry(xShape, filter, options);
      await compareFilterOp(
        sides,
        locallyConnected2d.definition,
        g,
        {
          shapes: { x: xShape, filter, bias: [outHeight, outWidth, filters], dy: [xShape[0], outHeight, outWidth, filters] },
          terms: { forward: window * xShape[3] + 1, dx: window * filters, dfilter: xShape[0], dbias: xShape[0] },
          withBias,
        },
        random,
      );
    },
  );
});

describe('on cpu', () => {
  beforeAll(() => tf.setBackend('cpu'));

  test.each([
    { kernelSize: 3 },
    { kernelSize: [2, 3] as const, strides: [2, 1] as const, pads: 'same' as const },
    { kernelSize: 3, strides: 2, pads: { top: 1, bottom: 0, left: 0, right: 2 }, activation: 'elu' as const },
  ])('with one filter at all places it is conv2d: %j', ({ kernelSize, ...options }) => {
    const [kh, kw] = typeof kernelSize === 'number' ? [kernelSize, kernelSize] : kernelSize;
    const x: tf.Tensor4D = tf.randomNormal([2, 7, 6, 3], 0, 1, 'float32', 1);
    const shared: tf.Tensor4D = tf.randomNormal([kh!, kw!, 3, 4], 0, 1, 'float32', 2);
    const bias: tf.Tensor1D = tf.randomNormal([4], 0, 1, 'float32', 3);
    const y = conv2d(x, shared, { ...options, bias });
    const [, height, width] = y.shape;
    const filter: tf.Tensor4D = tf.tile(tf.reshape(shared, [1, 1, -1, 4]), [height, width, 1, 1]);
    const biases: tf.Tensor3D = tf.tile(tf.reshape(bias, [1, 1, 4]), [height, width, 1]);
    const local = locallyConnected2d(x, filter, { ...options, kernelSize, bias: biases });
    // Both sum in float64 and round once or twice, at sizes below 16.
    expect(tf.max(tf.abs(tf.sub(y, local))).dataSync()[0]).toBeLessThan(4e-6);
  });

  test('misuse is named', () => {
    const x: tf.Tensor4D = tf.zeros([1, 4, 5, 2]);
    const filter: tf.Tensor4D = tf.zeros([2, 3, 18, 4]);
    const kernelSize = 3;
    expect(locallyConnected2d(x, filter, { kernelSize }).shape).toEqual([1, 2, 3, 4]);
    expect(() => locallyConnected2d(x, filter, { kernelSize: 2 })).toThrow(
      new GeometryError(
        'locallyConnected2d: filter must be [outHeight, outWidth, kernelHeight * kernelWidth * channels, filters], ' +
          'for x [1,4,5,2] that is [3,4,8,4], got [2,3,18,4]',
      ),
    );
    expect(() => locallyConnected2d(x, tf.zeros([6, 18, 4]) as never, { kernelSize })).toThrow('filter must have rank 4');
    expect(() => locallyConnected2d(x, filter, {} as never)).toThrow('kernelSize must be a positive integer');
    expect(() => locallyConnected2d(x, filter, undefined as never)).toThrow('kernelSize must be a positive integer');
    expect(() => locallyConnected2d(x, filter, { kernelSize, bias: tf.zeros([4]) as never })).toThrow(
      'bias must have shape [2,3,4], one number an output of a picture, got [4]',
    );
    expect(() => locallyConnected2d(x, filter, { kernelSize: 5 })).toThrow('no output is left: height 4');
    expect(() => locallyConnected2d(x, filter, { kernelSize, activation: 'mish' as never })).toThrow('activation must be one of');
    expect(() => locallyConnected2d(tf.zeros([1, 4, 5, 2], 'int32'), filter, { kernelSize })).toThrow('x must be float32');
  });
});
