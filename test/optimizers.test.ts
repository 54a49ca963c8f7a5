/** Every optimizer against PyTorch's trajectories: in float64 to the golden file's digits, on every backend to float32's. */
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import '../src/index.js';
import { adadeltaStep } from '../src/train/optimizers/adadelta-step/adadelta-step.js';
import { adagradStep } from '../src/train/optimizers/adagrad-step/adagrad-step.js';
import { adamDirection, adamStep, amsGradStep } from '../src/train/optimizers/adam-step/adam-step.js';
import { adamaxStep } from '../src/train/optimizers/adamax-step/adamax-step.js';
import { createOptimizer, type OptimizerName } from '../src/train/optimizers/create-optimizer.js';
import { clipFactor, squareSum, trustRatio } from '../src/train/optimizers/norms/norms.js';
import { rmsPropOp } from '../src/train/optimizers/rms-prop-step/rms-prop-step.js';
import { momentumStep, sgdStep } from '../src/train/optimizers/sgd-step/sgd-step.js';
import { float64Tensor, float64Values, installOnFloat64, useFloat64 } from './float64-backend.js';
import { uniform } from './golden-fill.js';
import { describeIf, sharedPath } from './requires.js';

interface Golden {
  optimizers: { name: OptimizerName; options: Record<string, number | boolean>; trajectory: number[][] }[];
  clipping: { maxNorm: number; totalNorm: number; ga: number[]; gb: number[] }[];
}

const BACKENDS = ['cpu', 'wasm-cnn', 'wasm'];

/** PyTorch's option names in ours. */
function ours(options: Record<string, number | boolean>): Record<string, unknown> {
  const { lr, ...others } = options;
  const camel = Object.entries(others).map(([name, value]) => [name.replace(/_(.)/g, (_, c: string) => c.toUpperCase()), value]);
  // One vector, which PyTorch lets decay whatever its rank.
  return { learningRate: lr, decayBiasAndNorm: true, ...Object.fromEntries(camel) };
}

/** The values after each step. */
function trajectoryOf(
  { name, options, trajectory }: Golden['optimizers'][0],
  make: (values: Float64Array) => tf.Tensor,
  read: (value: tf.Tensor) => ArrayLike<number> = (value) => value.dataSync(),
): number[][] {
  const value = make(uniform('p', 6)).variable();
  const optimizer = createOptimizer(name, ours(options));
  const found = trajectory.map((_, step) => {
    const gradient = make(uniform(`g${step}`, 6));
    optimizer.applyGradients({ [value.name]: gradient });
    gradient.dispose();
    return Array.from(read(value));
  });
  optimizer.dispose();
  value.dispose();
  return found;
}

describeIf('golden', "PyTorch's", () => {
  const golden = JSON.parse(readFileSync(sharedPath('golden/optimizers.json'), 'utf8')) as Golden;
  const rows = golden.optimizers.map((row) => [`${row.name} ${JSON.stringify(row.options)}`, row] as const);

  describe('trajectories in float64', () => {
    beforeAll(async () => {
      await useFloat64();
      for (const op of [sgdStep, momentumStep, adamStep, amsGradStep, adamaxStep, adagradStep, adadeltaStep])
        installOnFloat64(op);
      for (const centered of [false, true]) for (const momentum of [false, true]) installOnFloat64(rmsPropOp(centered, momentum));
    });
    test.each(rows)('%s', (_, row) => {
      const found = trajectoryOf(row, (values) => float64Tensor(values, [6]), float64Values);
      // The file has ten digits of numbers below 2.
      found.forEach((values, step) => {
        values.forEach((value, i) => expect(Math.abs(value - row.trajectory[step][i])).toBeLessThan(1e-9));
      });
    });
  });

  describe.each(BACKENDS)('trajectories on %s', (backend) => {
    beforeAll(() => tf.setBackend(backend));
    test.each(rows)('%s', (_, row) => {
      const found = trajectoryOf(row, (values) => tf.tensor1d(Float32Array.from(values)));
      // A step rounds the value (below 2) once, and what it takes from it, `longest` at most, thirty times: gradient, slots, root,
      // quotient, and the slots' errors of the steps before, of which a momentum of 0.9 keeps ten.
      let longest = 0;
      let before: ArrayLike<number> = uniform('p', 6);
      found.forEach((values, step) => {
        const expected = row.trajectory[step];
        longest = Math.max(longest, ...expected.map((value, i) => Math.abs(value - before[i])));
        const bound = (step + 1) * 2 ** -24 * (2 + 30 * longest);
        values.forEach((value, i) => expect(Math.abs(value - expected[i])).toBeLessThanOrEqual(bound));
        before = expected;
      });
    });
  });
});
