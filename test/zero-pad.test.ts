import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import { windowGeometry } from '../src/geometry.js';
import { zeroPad2d } from '../src/ops/zero-pad/zero-pad.js';
import { Sides } from './kernel-sides.js';
import { generator, integer, seed, values } from './random.js';

const op = zeroPad2d.definition;

let sides: Sides;
beforeAll(async () => {
  sides = await Sides.create();
});
afterAll(() => sides.dispose());

const random = generator(seed);
const cases = Array.from({ length: 12 }, () => {
  const [top, bottom, left, right] = Array.from({ length: 4 }, () => integer(random, 0, 3));
  const xShape = [integer(random, 1, 3), integer(random, 1, 6), integer(random, 1, 6), integer(random, 1, 7)];
  return { xShape, pads: { top, bottom, left, right } };
});

test.each(cases)(`zeroPad2d on all sides (seed ${seed}): %j`, async ({ xShape, pads }) => {
  const g = windowGeometry('zeroPad2d', xShape, [1, 1], xShape[3], { pads });
  const [, height, width, channels] = xShape;
  const yShape = [xShape[0], height + pads.top + pads.bottom, width + pads.left + pads.right, channels];
  expect(op.forward.outputs['y'](g)).toEqual(yShape);
  const x = values(random, tf.util.sizeFromShape(xShape));
  const dy = values(random, tf.util.sizeFromShape(yShape));
  x[0] = NaN;
  await sides.compare(op, 'forward', { x }, { x: xShape }, g, () => 0);
  await sides.compare(op, 'dx', { dy }, { dy: yShape }, g, () => 0);
});

test('zeroPad2d, by hand', async () => {
  await tf.setBackend('cpu');
  const x = tf.tensor4d([1, 2], [1, 1, 2, 1]);
  expect(zeroPad2d(x, [0, 1]).arraySync()).toEqual([[[[0], [1], [2], [0]]]]);
  expect(zeroPad2d(x, { top: 1, bottom: 0, left: 0, right: 1 }).arraySync()).toEqual([
    [
      [[0], [0], [0]],
      [[1], [2], [0]],
    ],
  ]);
  const dx = tf.grad((v: tf.Tensor) => zeroPad2d(v as tf.Tensor4D, 1))(x, tf.reshape(tf.range(0, 12), [1, 3, 4, 1]));
  expect(dx.arraySync()).toEqual([[[[5], [6]]]]);
});

test('zeroPad2d refuses what it cannot pad', async () => {
  await tf.setBackend('cpu');
  const x: tf.Tensor4D = tf.zeros([1, 2, 2, 1]);
  expect(() => zeroPad2d(x, -1)).toThrow(/zeroPad2d: pads must be .* got -1/);
  expect(() => zeroPad2d(x, 'same' as never)).toThrow(/zeroPad2d: pads must be .* got "same"/);
  expect(() => zeroPad2d(x, undefined as never)).toThrow(/got undefined/);
  expect(() => zeroPad2d(tf.zeros([2, 2]) as never, 1)).toThrow(/x must have rank 4/);
});
