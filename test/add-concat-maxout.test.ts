import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import '../src/index.js';
import { addRelu } from '../src/ops/add-relu/add-relu.js';
import { concatChannels, concatOp } from '../src/ops/concat/concat.js';
import { concatGeometry } from '../src/ops/concat/geometry.js';
import { maxout } from '../src/ops/maxout/maxout.js';
import { uniform } from './golden-fill.js';
import { expectWithin, onReference, ROUNDING, Sides } from './kernel-sides.js';
import { choose, generator, integer, seed, values } from './random.js';
import { describeIf, sharedPath } from './requires.js';

let sides: Sides;
beforeAll(async () => {
  sides = await Sides.create();
});
afterAll(() => sides.dispose());

const rounded = (values_: Float64Array): Float64Array => Float64Array.from(values_, Math.fround);

describe(`addRelu's kernels (seed ${seed})`, () => {
  test('equal float64 rounded once; NaN stays NaN', async () => {
    const random = generator(seed);
    for (const n of [1, 2, 3, 5, 16, integer(random, 17, 999), 32_769]) {
      const g = { shape: [n], size: n, activation: 'relu' as const };
      const special = (v: number): number => (random() < 0.05 ? choose(random, [NaN, Infinity, -Infinity, 0]) : v);
      const a = values(random, n).map(special);
      const b = values(random, n).map(special);
      const { y } = onReference(addRelu.definition, 'forward', { a, b }, g);
      const forward = await sides.run(addRelu.definition, 'forward', { a, b }, { a: [n], b: [n] }, g);
      for (const side in forward) {
        expectWithin(`y by ${side}`, forward[side]['y'], rounded(y), () => 0);
      }
    }
  });

  test.each(['cpu', 'wasm-cnn', 'wasm'])('on the tape of %s, both inputs the same tensor too', async (backend) => {
    await tf.setBackend(backend);
    tf.tidy(() => {
      const x = tf.tensor2d([
        [1, -2, 0],
        [3, -4, 5],
      ]);
      const dy = tf.tensor2d([
        [1, 2, 3],
        [4, 5, 6],
      ]);
      const twice = tf.grad((v: tf.Tensor) => addRelu(v, v))(x, dy);
      expect(Array.from(twice.dataSync())).toEqual([2, 0, 0, 8, 0, 12]);
      const [da, db] = tf.grads((a: tf.Tensor, b: tf.Tensor) => addRelu(a, b))([x, tf.neg(x)], dy);
      expect(Array.from(da.dataSync())).toEqual([0, 0, 0, 0, 0, 0]);
      expect(Array.from(db.dataSync())).toEqual([0, 0, 0, 0, 0, 0]);
      expect(() => addRelu(x, tf.zeros([2, 4]))).toThrow('addRelu: a and b must have the same shape, got [2,3] and [2,4]');
    });
  });
});

describe(`concatChannels' kernels (seed ${seed})`, () => {
  test('copy every element, forward and backward', async () => {
    const random = generator(seed);
    for (let trial = 0; trial < 8; trial++) {
      const outer = [integer(random, 1, 3), integer(random, 1, 6), integer(random, 1, 6)];
      const shapes = Array.from({ length: integer(random, 1, 5) }, () => [...outer, integer(random, 1, 33)]);
      const op = concatOp(shapes.length).definition;
      const g = concatGeometry(shapes);
      const named = Object.fromEntries(shapes.map((shape, i) => [`x${i}`, shape]));
      const inputs = Object.fromEntries(shapes.map((shape, i) => [`x${i}`, values(random, tf.util.sizeFromShape(shape))]));
      await sides.compare(op, 'forward', inputs, named, g, () => 0);
      const dyShape = [...outer, g.total];
      const dy = values(random, tf.util.sizeFromShape(dyShape));
      for (let i = 0; i < shapes.length; i++) await sides.compare(op, `dx${i}`, { dy }, { dy: dyShape }, g, () => 0);
    }
  });

  test.each(['cpu', 'wasm-cnn', 'wasm'])('equals tf.concat on %s, and so do its gradients', async (backend) => {
    await tf.setBackend(backend);
    tf.tidy(() => {
      const a = tf.tensor3d(values(generator(1), 12), [2, 3, 2]);
      const b = tf.tensor3d(values(generator(2), 18), [2, 3, 3]);
      const { value, grads } = tf.valueAndGrads((p: tf.Tensor, q: tf.Tensor) => concatChannels([p, q, p]))(
        [a, b],
        tf.ones([2, 3, 7]),
      );
      expect(Array.from(value.dataSync())).toEqual(Array.from(tf.concat([a, b, a], 2).dataSync()));
      expect(grads.map((gradient) => [gradient.shape, gradient.dataSync()[0]])).toEqual([
        [[2, 3, 2], 2],
        [[2, 3, 3], 1],
      ]);
      expect(() => concatChannels([a, tf.zeros([2, 4, 2])])).toThrow('all shapes must be equal but for the last axis');
      expect(() => concatChannels([])).toThrow('tensors must be an array of one tensor or more, got none');
    });
  });
});

describe(`maxout's kernels (seed ${seed})`, () => {
  test('choose the first largest; NaN is the largest', async () => {
    const random = generator(seed);
    for (let trial = 0; trial < 12; trial++) {
      const pieces = integer(random, 1, 6);
      const shape = [integer(random, 1, 40), integer(random, 1, 9) * pieces];
      const n = tf.util.sizeFromShape(shape);
      const g = { shape, pieces, outputs: n / pieces };
      const x = values(random, n).map((v) => (random() < 0.1 ? NaN : Math.round(v * 4) / 4));
      const dy = values(random, g.outputs);
      const shapes = { x: shape, dy: [shape[0], shape[1] / pieces] };
      await sides.compare(maxout.definition, 'dx', { dy, x: x.map((v) => (Number.isNaN(v) ? 0.3 : v)) }, shapes, g, () => 0);
      const { y } = onReference(maxout.definition, 'forward', { x }, g);
      const found = await sides.run(maxout.definition, 'forward', { x }, shapes, g);
      for (const side in found) {
        if (side === 'portable on stock wasm') continue; // its maximum of NaN and a number may be the number
        expectWithin(`y by ${side}`, found[side]['y'], y, () => 0);
      }
    }
  });
});

describeIf('golden', 'maxout against PyTorch in float64', () => {
  interface Golden {
    op: string;
    params: { pieces: number };
    inputs: Record<'x' | 'dy', { shape: [number, number] }>;
    outputs: Record<'y' | 'dx', { values: number[] }>;
  }
  const { cases } = JSON.parse(readFileSync(sharedPath('golden/ops.json'), 'utf8')) as { cases: Golden[] };
  const own = cases.filter(({ op }) => op === 'maxout');

  test.each(own.map((c) => [`${c.params.pieces} pieces`, c] as const))('%s', async (_, { params, inputs, outputs }) => {
    const x = uniform('x', tf.util.sizeFromShape(inputs.x.shape));
    const dy = uniform('dy', tf.util.sizeFromShape(inputs.dy.shape));
    const g = { shape: inputs.x.shape, pieces: params.pieces, outputs: dy.length };
    const y = new Float64Array(dy.length);
    const dx = new Float64Array(x.length);
    maxout.definition.kernels.reference['forward']({ x }, { y }, g);
    maxout.definition.kernels.reference['dx']({ dy, x }, { dx }, g);
    const [goldenY, goldenDx] = [outputs.y, outputs.dx].map((output) => Float64Array.from(output.values));
    expectWithin('y', y, goldenY, (i) => 1e-9 * Math.abs(goldenY[i]));
    expectWithin('dx', dx, goldenDx, (i) => 1e-9 * Math.abs(goldenDx[i]));
    for (const backend of ['cpu', 'wasm-cnn', 'wasm']) {
      await tf.setBackend(backend);
      tf.tidy(() => {
        const { value, grad } = tf.valueAndGrad((v: tf.Tensor) => maxout(v, params))(
          tf.tensor2d(Float32Array.from(x), inputs.x.shape),
          tf.tensor2d(Float32Array.from(dy), inputs.dy.shape),
        );
        expectWithin(`y on ${backend}`, Float64Array.from(value.dataSync()), goldenY, () => ROUNDING);
        expectWithin(`dx on ${backend}`, Float64Array.from(grad.dataSync()), goldenDx, () => ROUNDING);
      });
    }
  });
});
