/** Unshared convolution on every side against float64, against conv2d where all filters are the same, and misuse. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import { GeometryError } from '../src/geometry.js';
import { conv2d, locallyConnected2d } from '../src/index.js';
import { Sides } from './kernel-sides.js';
import { compareLocal, localCases } from './locally-connected2d-cases.js';
import { generator, seed } from './random.js';

describe(`on all sides against float64, seed ${seed}`, () => {
  let sides: Sides;
  beforeAll(async () => {
    sides = await Sides.create();
  });
  afterAll(() => sides.dispose());

  const random = generator(seed);

  test.each(localCases(random))('%j', (drawn) => compareLocal(sides, drawn, random));
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
