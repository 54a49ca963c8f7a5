/** Every optimizer against PyTorch's and timm's trajectories: in float64 to the files' digits, on every backend to float32's. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { createOptimizer, type OptimizerName } from '../src/index.js';
import { float64Tensor, float64Values, useFloat64 } from '../src/inspect/certify/float64-backend.js';
import { uniform } from './golden-fill.js';
import { describeIf, sharedPath } from './requires.js';
import { useAcceleratedTensorFlow } from './tensorflow.js';

const BACKENDS = ['cpu', 'wasm-cnn', 'wasm'];

/** The weights one after the other, after each step. */
type Trajectory = number[][];

interface Row {
  name: OptimizerName;
  options: Record<string, number | boolean>;
  trajectory: Trajectory;
}

/** A weight: `name` fills its start, `name` + t its gradient of step t. */
interface Weight {
  name: string;
  gradient: string;
  shape: number[];
}

/** How numbers become tensors and back. */
interface Format {
  make(values: Float64Array, shape: number[]): tf.Tensor;
  read(value: tf.Tensor): ArrayLike<number>;
}

const float32: Format = {
  make: (values, shape) => tf.tensor(Float32Array.from(values), shape),
  read: (value) => value.dataSync(),
};
const float64: Format = { make: float64Tensor, read: float64Values };

function trajectoryOf({ name, options, trajectory }: Row, weights: readonly Weight[], { make, read }: Format): Trajectory {
  const optimizer = createOptimizer(name, options);
  const filled = (fill: string, shape: number[]) => make(uniform(fill, tf.util.sizeFromShape(shape)), shape);
  const variables = weights.map(({ name: fill, shape }) => filled(fill, shape).variable());
  const found = trajectory.map((_, step) => {
    const gradients = weights.map(({ gradient, shape }, i) => [variables[i].name, filled(gradient + step, shape)] as const);
    optimizer.applyGradients(Object.fromEntries(gradients));
    for (const [, tensor] of gradients) tensor.dispose();
    return variables.flatMap((variable) => Array.from(read(variable)));
  });
  optimizer.dispose();
  tf.dispose(variables);
  return found;
}

/** Both trajectories, and the reader's bound at each step. */
function compare(found: Trajectory, expected: Trajectory, bound: (step: number) => number): void {
  found.forEach((values, step) => {
    expect(values).toHaveLength(expected[step].length);
    values.forEach((value, i) => expect(Math.abs(value - expected[step][i])).toBeLessThanOrEqual(bound(step)));
  });
}

function tryAll(rows: readonly Row[], weights: readonly Weight[]): void {
  const named = rows.map((row) => [`${row.name} ${JSON.stringify(row.options)}`, row] as const);

  describe('in float64', () => {
    beforeAll(() => useFloat64());
    // The files have ten digits of numbers below 2.
    test.each(named)('%s', (_, row) => compare(trajectoryOf(row, weights, float64), row.trajectory, () => 1e-9));
  });

  describe.each(BACKENDS)('on %s', (backend) => {
    beforeAll(() => tf.setBackend(backend));
    tryInFloat32();
  });

  describeIf('tfjs-node', 'on accelerated tensorflow', () => {
    let undo: () => void;
    beforeAll(async () => {
      undo = await useAcceleratedTensorFlow();
    });
    afterAll(() => undo());
    tryInFloat32();
  });

  function tryInFloat32(): void {
    test.each(named)('%s', (_, row) => {
      const start = weights.flatMap(({ name, shape }) => Array.from(uniform(name, tf.util.sizeFromShape(shape))));
      const path = [start, ...row.trajectory];
      const longest = Math.max(...row.trajectory.flatMap((values, step) => values.map((v, i) => Math.abs(v - path[step][i]))));
      // A step rounds the value (below 2) once, and what it takes from it, `longest` at most, thirty times: gradient, slots, root,
      // quotient, and the slots' errors of the steps before, of which a momentum of 0.9 keeps ten.
      compare(trajectoryOf(row, weights, float32), row.trajectory, (step) => (step + 1) * 2 ** -24 * (2 + 30 * longest));
    });
  }
}

describeIf('golden', "PyTorch's trajectories", () => {
  const { optimizers } = JSON.parse(readFileSync(sharedPath('golden/optimizers.json'), 'utf8')) as { optimizers: Row[] };
  const rows = optimizers.map(({ name, options: { lr, ...others }, trajectory }) => {
    const camel = Object.entries(others).map(([option, value]) => [
      option.replace(/_(.)/g, (_, c: string) => c.toUpperCase()),
      value,
    ]);
    // One vector, which PyTorch lets decay whatever its rank.
    const options = { learningRate: lr, decayBiasAndNorm: true, ...Object.fromEntries(camel) } as Row['options'];
    return { name, options, trajectory };
  });
  tryAll(rows, [{ name: 'p', gradient: 'g', shape: [6] }]);
});

describe("timm's trajectories for large batches, of a kernel and a bias", () => {
  const rows = JSON.parse(readFileSync(join(__dirname, 'fixtures/large-batch-optimizers.json'), 'utf8')) as Row[];
  tryAll(rows, [
    { name: 'k', gradient: 'k', shape: [2, 3] },
    { name: 'b', gradient: 'b', shape: [2] },
  ]);
});

describeIf('golden', "PyTorch's clipping by the norm", () => {
  interface Clipping {
    maxNorm: number;
    totalNorm: number;
    ga: number[];
    gb: number[];
  }
  const { clipping } = JSON.parse(readFileSync(sharedPath('golden/optimizers.json'), 'utf8')) as { clipping: Clipping[] };
  const cases = BACKENDS.flatMap((backend) => clipping.map((row) => [backend, row.maxNorm, row] as const));

  test.each(cases)('on %s to %d', async (backend, _, { maxNorm, totalNorm, ga, gb }) => {
    await tf.setBackend(backend);
    // Of a step from 0 at rate 1 the weights are minus the clipped gradients.
    const [a, b] = [tf.zeros([4]).variable(), tf.zeros([3]).variable()];
    const optimizer = createOptimizer('sgd', { learningRate: 1, clipNorm: maxNorm });
    expect(optimizer.gradientNorm).toBeUndefined();
    const gradients = {
      [a.name]: tf.tensor1d(Float32Array.from(uniform('ga', 4))),
      [b.name]: tf.tensor1d(Float32Array.from(uniform('gb', 3))),
    };
    optimizer.applyGradients(gradients);
    // The sum of seven squares, its root, the quotient and the product round once each, relative to numbers below 2.
    const bound = 12 * 2 ** -24 * 2;
    expect(Math.abs(optimizer.gradientNorm!.dataSync()[0] - totalNorm)).toBeLessThan(bound);
    const found = [...a.dataSync(), ...b.dataSync()];
    [...ga, ...gb].forEach((expected, i) => expect(Math.abs(found[i] + expected)).toBeLessThan(bound));
    tf.dispose([a, b, gradients]);
    optimizer.dispose();
  });
});
