/** Every optimizer against PyTorch's trajectories, on every set of kernels. */
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import '../src/index.js';
import { type CnnOptimizer, Sgd } from '../src/train/index.js';
import { uniform } from './golden-fill.js';
import { describeIf, sharedPath } from './requires.js';

interface Golden {
  optimizers: { name: string; options: Record<string, number | boolean>; trajectory: number[][] }[];
}

const made: Record<string, (options: Record<string, unknown>) => CnnOptimizer> = { sgd: (options) => new Sgd(options) };

/** PyTorch's option names in ours. */
function ours(options: Record<string, number | boolean>): Record<string, unknown> {
  const { lr, ...others } = options;
  const camel = Object.entries(others).map(([name, value]) => [name.replace(/_(.)/g, (_, c: string) => c.toUpperCase()), value]);
  return { learningRate: lr, ...Object.fromEntries(camel) };
}

describeIf('golden', 'trajectories of PyTorch', () => {
  const { optimizers } = JSON.parse(readFileSync(sharedPath('golden/optimizers.json'), 'utf8')) as Golden;
  const rows = optimizers
    .map((row) => [`${row.name} ${JSON.stringify(row.options)}`, row] as const)
    .filter(([, row]) => row.name in made);
  describe.each(['cpu', 'wasm-cnn', 'wasm'])('on %s', (backend) => {
    beforeAll(() => tf.setBackend(backend));
    test.each(rows)('%s', (_, { name, options, trajectory }) => {
      const value = tf.tensor1d(Float32Array.from(uniform('p', 6))).variable();
      const optimizer = made[name](ours(options));
      trajectory.forEach((expected, step) => {
        const gradient = tf.tensor1d(Float32Array.from(uniform(`g${step}`, 6)));
        optimizer.applyGradients({ [value.name]: gradient });
        gradient.dispose();
        value.dataSync().forEach((found, i) => expect(Math.abs(found - expected[i])).toBeLessThan(1e-6));
      });
      optimizer.dispose();
      value.dispose();
    });
  });
});
