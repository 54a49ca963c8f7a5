import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import '../src/index.js';
import * as activations from '../src/ops/activation/activation.js';
import { type ActivationKind, activationCode, isGated, scalarActivation } from '../src/ops/activation/functions.js';
import { applyFused, type FusedActivation, fusedActivation } from '../src/ops/activation/fused.js';
import { fusedActivationGrad } from '../src/ops/activation/fused-gradient.js';
import { activationGeometry } from '../src/ops/activation/geometry.js';
import { uniform } from './golden-fill.js';
import { expectWithin, onReference, ROUNDING, Sides } from './kernel-sides.js';
import { generator, integer, seed, values } from './random.js';
import { describeIf, sharedPath } from './requires.js';

/** The smallest number that float32 knows. */
const TINY = 2 ** -149;

const kinds = Object.keys(activationCode) as ActivationKind[];
const opOf = (kind: ActivationKind) => (isGated(kind) ? activations.gatedActivation : activations.activation).definition;
const alphaOf = (kind: ActivationKind): number => (kind === 'leakyRelu' ? 0.2 : kind === 'elu' ? 1.5 : 1);

/**
 * |error| of y: eight roundings of the result, and up to four of the exponential's argument, which count
 * relatively to the argument's size: x itself (exact), x^2 / 2 for gelu, a cubic for gelu's tanh form.
 */
function forwardBound(kind: ActivationKind, x: number, y: number): number {
  const argument = kind === 'gelu' ? (x * x) / 2 : kind === 'geluTanh' ? 1.6 * Math.abs(x) + 0.0714 * Math.abs(x) ** 3 : 0;
  return (8 + 4 * argument) * ROUNDING * Math.abs(y) + 4 * TINY * (1 + Math.abs(x));
}

/** Slopes are sums of terms up to 1 + |x| that may cancel. */
function backwardBound(kind: ActivationKind, x: number, dy: number): number {
  const size = isGated(kind) ? 1 + Math.abs(x) : 2;
  return 16 * ROUNDING * size * Math.abs(dy);
}

/** tfjs's erf is Abramowitz and Stegun's 7.1.26, good to 1.5e-7, and its composed functions cancel near 0 and far below. */
const portableSlack = (x: number): number => 16 * ROUNDING * (1 + Math.abs(x));

let sides: Sides;
beforeAll(async () => {
  sides = await Sides.create();
});
afterAll(() => sides.dispose());

describe(`activations' kernels (seed ${seed})`, () => {
  test.each(kinds)('%s', async (kind) => {
    const random = generator(seed + activationCode[kind]);
    for (const [n, scale] of [
      [1, 4],
      [3, 1],
      [6, 8],
      [40, 100],
      [integer(random, 41, 3000), 6],
      [40_003, 12],
      [999, 1e-3],
    ]) {
      const x = values(random, n).map((v) => v * scale);
      const dy = values(random, n);
      const g = activationGeometry(kind, [n], alphaOf(kind));
      const shapes = { x: [n], y: [n], dy: [n] };
      const { y } = onReference(opOf(kind), 'forward', { x }, g);
      const forward = await sides.run(opOf(kind), 'forward', { x }, shapes, g);
      for (const side in forward) {
        const slack = side.startsWith('portable') ? portableSlack : () => 0;
        expectWithin(`y by ${side}`, forward[side]['y'], y, (i) => forwardBound(kind, x[i], y[i]) + slack(x[i]));
      }
      const seen: Record<string, Float32Array> = isGated(kind) ? { dy, x } : { dy, y: Float32Array.from(y) };
      const { dx } = onReference(opOf(kind), 'dx', seen, g);
      const backward = await sides.run(opOf(kind), 'dx', seen, shapes, g);
      for (const side in backward) {
        const slack = side.startsWith('portable') ? portableSlack : () => 0;
        expectWithin(`dx by ${side}`, backward[side]['dx'], dx, (i) => backwardBound(kind, x[i], dy[i]) + slack(x[i]));
      }
    }
  });

  // Kinks: what is left of them counts. Infinity times a gate of 0 is NaN, as in PyTorch.
  test.each(kinds)('%s at NaN, infinities, kinks and huge numbers', async (kind) => {
    const x = Float32Array.of(NaN, Infinity, -Infinity, 0, -0, 3, -3, 6, -88.5, 88.5, -103, 1e30, -1e30, 3e38, -3e38);
    const g = activationGeometry(kind, [x.length], alphaOf(kind));
    const { y } = onReference(opOf(kind), 'forward', { x }, g);
    const found = await sides.run(opOf(kind), 'forward', { x }, { x: [x.length] }, g);
    const bound = (i: number) => forwardBound(kind, Math.min(Math.abs(x[i]), 10), y[i]) + 1e-36;
    for (const side in found) {
      if (side.startsWith('portable')) {
        expectWithin(
          side,
          found[side]['y'],
          Float64Array.from(y, Math.fround),
          (i) => bound(i) + portableSlack(Math.min(9, Math.abs(x[i]))),
        );
      } else expectWithin(side, found[side]['y'], Float64Array.from(y, Math.fround), bound);
    }
    // Finite x: no gradient is NaN.
    const finite = x.filter(Number.isFinite);
    const dy = finite.map(() => 1);
    const n = activationGeometry(kind, [finite.length], alphaOf(kind));
    const seen = isGated(kind) ? finite : onReference(opOf(kind), 'forward', { x: finite }, n)['y'];
    const inputs = { dy, [isGated(kind) ? 'x' : 'y']: Float32Array.from(seen) };
    const { dx } = onReference(opOf(kind), 'dx', inputs, n);
    const gradients = await sides.run(
      opOf(kind),
      'dx',
      inputs,
      { dy: [finite.length], x: [finite.length], y: [finite.length] },
      n,
    );
    for (const side of ['cpu', 'wasm-cnn', 'wasm-cnn, two threads, smallest pieces']) {
      expectWithin(`dx by ${side}`, gradients[side]['dx'], dx, (i) => backwardBound(kind, Math.min(100, Math.abs(finite[i])), 1));
    }
  });

  test.each(kinds)('slope of %s against central differences in float64', (kind) => {
    const { value, slope } = scalarActivation[kind];
    const alpha = alphaOf(kind);
    const random = generator(seed);
    for (let i = 0; i < 500; i++) {
      const x = random() * 16 - 8;
      if ([-3, 0, 3, 6].some((kink) => Math.abs(x - kink) < 1e-3)) continue;
      const step = 1e-4;
      const difference = (value(x + step, alpha) - value(x - step, alpha)) / (2 * step);
      // Third derivatives are below 3, so the difference is off by less than step^2 / 2, plus rounding.
      expect(Math.abs(slope(isGated(kind) ? x : value(x, alpha), alpha) - difference)).toBeLessThan(0.5 * step ** 2 + 1e-10);
    }
  });
});

describe.each(['cpu', 'wasm-cnn', 'wasm'])('activations on the tape of %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));

  test.each(['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'tanh'] as FusedActivation[])('fusedActivationGrad of %s', (kind) => {
    tf.tidy(() => {
      const x = tf.tensor2d(
        values(generator(seed), 35).map((v) => 8 * v),
        [5, 7],
      );
      const dy = tf.tensor2d(values(generator(seed + 1), 35), [5, 7]);
      const expected = tf.grad((v) => activations.activation(v, kind))(x, dy);
      const y = activations.activation(x, kind);
      expect(Array.from(fusedActivationGrad(dy, y, kind).dataSync())).toEqual(Array.from(expected.dataSync()));
    });
  });

  test('shapes, alpha and types that cannot be', () => {
    expect(activations.relu(tf.zeros([2, 3, 4])).shape).toEqual([2, 3, 4]);
    expect(() => activations.relu(tf.zeros([2], 'int32'))).toThrow('relu: x must be float32, got int32');
    expect(() => activations.leakyRelu(tf.zeros([2]), -1)).toThrow('leakyRelu: alpha must be a finite number >= 0, got -1');
    expect(activations.relu(tf.zeros([0, 3])).shape).toEqual([0, 3]);
  });
});

test('fused activations agree with the ops of the same name', () => {
  for (const kind of Object.keys(fusedActivation) as FusedActivation[]) {
    const x = Float64Array.of(-7, -1, -0.1, 0, 0.1, 5, 7);
    const y = x.slice();
    applyFused(y, kind);
    expect(Array.from(y)).toEqual(Array.from(x, (v) => scalarActivation[kind].value(v, 1)));
  }
});

describeIf('golden', 'activations against PyTorch in float64', () => {
  interface Golden {
    op: string;
    params: { name: ActivationKind };
    outputs: Record<'y' | 'dx', { values: number[] }>;
  }
  const { cases } = JSON.parse(readFileSync(sharedPath('golden/ops.json'), 'utf8')) as { cases: Golden[] };
  const own = cases.filter(({ op }) => op === 'activation');
  const x = uniform('x', 40).map((v) => 8 * v);
  const dy = uniform('dy', 40);

  test.each(own.map((c) => [c.params.name, c] as const))('%s', async (kind, { outputs }) => {
    const alpha = kind === 'leakyRelu' ? 0.01 : 1;
    const g = activationGeometry(kind, [40], alpha);
    const y = new Float64Array(40);
    opOf(kind).kernels.reference['forward']({ x }, { y }, g);
    const dx = new Float64Array(40);
    opOf(kind).kernels.reference['dx']({ dy, x, y }, { dx }, g);
    expectWithin('y', y, Float64Array.from(outputs.y.values), (i) => 1e-9 * Math.abs(y[i]) + 1e-15);
    // PyTorch's 1/6 in hard sigmoid's slope is a float32.
    const digits = kind === 'hardSigmoid' ? ROUNDING : 1e-9;
    expectWithin('dx', dx, Float64Array.from(outputs.dx.values), (i) => digits * Math.abs(dx[i]) + 1e-15);
    const f = activations[kind as 'relu'];
    for (const backend of ['cpu', 'wasm-cnn', 'wasm']) {
      await tf.setBackend(backend);
      tf.tidy(() => {
        const { value, grad } = tf.valueAndGrad((v: tf.Tensor) => f(v))(
          tf.tensor1d(Float32Array.from(x)),
          tf.tensor1d(Float32Array.from(dy)),
        );
        // Both sides differ by the rounding of x to float32, too.
        const bound = (i: number) => 32 * ROUNDING * (1 + Math.abs(x[i]));
        expectWithin(`y on ${backend}`, Float64Array.from(value.dataSync()), y, bound);
        expectWithin(`dx on ${backend}`, Float64Array.from(grad.dataSync()), dx, bound);
      });
    }
  });
});
