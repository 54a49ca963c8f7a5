/** Native updates of all weights in one call on the tensorflow backend: against cpu, and called wrongly. */
import * as tf from '@tensorflow/tfjs-core';
import type { ReadyOp } from '../src/backends/kernel-host.js';
import { Adam, AdamW, type CnnOptimizer, Lamb, Lars, Sgd } from '../src/index.js';
import { runJoined } from '../src/joined-calls.js';
import { adamStep, amsGradStep } from '../src/train/optimizers/adam-step/adam-step.js';
import { momentumStep, sgdStep } from '../src/train/optimizers/sgd-step/sgd-step.js';
import { onReference, ROUNDING } from './kernel-sides.js';
import { execute, expectNear, filled, type Inputs, tensors } from './native-calls.js';
import { describeIf } from './requires.js';
import { onAcceleratedTensorFlow, opsOf, TENSORFLOW } from './tensorflow.js';

describeIf('tfjs-node', 'native updates', () => {
  onAcceleratedTensorFlow();

  describe('updates of all weights in one call', () => {
    const steps = [sgdStep, momentumStep, adamStep, amsGradStep] as ReadyOp<never>[];
    // Less than a vector, a tail, more than one piece; several small weights in one piece.
    const sizes = [1, 3, 18, 40_001, 1, 100, 70_000];
    const numbers = {
      ...{ clip: 0.4, l1: 0.01, l2: 0.2, shrinkage: 0.05, rate: 0.3, momentum: 0.9, share: 0.1, nesterov: true },
      ...{ squareShare: 0.01, weight: 1.5, blend: 0.3, rootScale: 2, epsilon: 0.01 },
    };

    test.each(steps.map((op) => [op.name, op] as const))('%s', (_name, op) => {
      const names = op.parts['forward']!.inputs;
      for (const scalars of [[], ['scale'], ['trust'], ['scale', 'trust']]) {
        if (scalars.includes('trust') && !names.includes('trust')) continue;
        const calls = sizes.map((size, i) => {
          const inputs: Inputs = {};
          for (const name of names) {
            // Not every weight has a ratio.
            if (name === 'trust' && i % 2 === 1) continue;
            if (name === 'scale' || name === 'trust') {
              if (scalars.includes(name)) inputs[name] = filled(`${name}${i}`, 1, 0.4, 0.6);
            } else
              inputs[name] = filled(`${name}${i}`, size, name === 'mean' ? 0.3 : 1, 0).map(
                name === 'square' || name === 'largest' ? (v) => 0.6 + 0.4 * v : (v) => v,
              );
          }
          return { inputs, geometry: { shape: [size], size, ...numbers, nesterov: i % 3 === 0, rate: 0.1 * (i + 1) } };
        });
        const given = calls.map(({ inputs, geometry }) => {
          const shapes = Object.fromEntries(
            Object.keys(inputs).map((name) => [name, ['scale', 'trust'].includes(name) ? [] : geometry.shape]),
          );
          return { inputs: tensors(inputs, shapes), geometry };
        });
        const outputs = runJoined(op as unknown as ReadyOp<object>, given);
        calls.forEach(({ inputs, geometry }, i) => {
          const expected = onReference(op, 'forward', inputs, geometry as never);
          // Numbers below 5 come of some thirty roundings.
          Object.keys(expected).forEach((name, k) =>
            expectNear(`${name} of ${i}`, outputs[i]![k]!.dataSync(), expected[name]!, 150 * ROUNDING),
          );
        });
        tf.dispose([given.map(({ inputs }) => inputs), outputs]);
      }
    });

    const optimizers: [string, () => CnnOptimizer][] = [
      ['Sgd', () => new Sgd({ learningRate: 0.1, weightDecay: 0.01 })],
      [
        'Sgd with all there is',
        () => new Sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true, clipNorm: 1, clipValue: 0.1, l1: 0.01 }),
      ],
      ['Adam', () => new Adam({ learningRate: 0.1 })],
      ['AdamW, amsgrad', () => new AdamW({ learningRate: 0.1, amsgrad: true })],
      ['Lars', () => new Lars({ learningRate: 0.5 })],
      ['Lamb', () => new Lamb({ learningRate: 0.1 })],
    ];
    const shapes = [[3, 3, 2, 5], [5], [1], [7, 11]];

    /** Values of all weights after three steps. */
    async function trained(make: () => CnnOptimizer): Promise<number[][]> {
      const weights = shapes.map((shape, i) => tf.variable(tf.tensor(filled(`w${i}`, tf.util.sizeFromShape(shape)), shape)));
      const optimizer = make();
      for (let step = 0; step < 3; step++) {
        const gradients = Object.fromEntries(
          weights.map(({ name, size, shape }, i) => [name, tf.tensor(filled(`g${i}${step}`, size), shape)]),
        );
        optimizer.applyGradients(gradients);
        tf.dispose(gradients);
      }
      const values = weights.map((weight) => Array.from(weight.dataSync()));
      tf.dispose(weights);
      optimizer.dispose();
      return values;
    }

    test.each(optimizers)('%s goes the way it goes on cpu, in one op a step', async (_name, make) => {
      await tf.setBackend('cpu');
      const expected = await trained(make);
      await tf.setBackend(TENSORFLOW);
      const found = await trained(make);
      // Three steps as above; Adam's direction divides by what may be a tenth of the gradients.
      found.forEach((values, i) => expectNear(`weight ${i}`, values, expected[i]!, 3 * 10 * 150 * ROUNDING));
      const weights = shapes.map((shape) => tf.variable(tf.ones(shape)));
      const optimizer = make();
      const ops = opsOf(() => {
        const gradients = Object.fromEntries(weights.map(({ name, shape }) => [name, tf.ones(shape)]));
        optimizer.applyGradients(gradients);
        return gradients;
      });
      expect(ops.filter((op) => op.startsWith('TfjsCnn'))).toHaveLength(1);
      tf.dispose(weights);
      optimizer.dispose();
    });

    test("leaves what shares a weight's memory as it is", () => {
      const weight = tf.variable(
        tf.tensor2d([
          [1, 2],
          [3, 4],
        ]),
      );
      const [copy, flat] = [tf.clone(weight), tf.reshape(weight, [4])];
      const optimizer = new Sgd({ learningRate: 1, momentum: 0.9 });
      for (let step = 0; step < 2; step++) optimizer.applyGradients({ [weight.name]: tf.ones([2, 2]) });
      expect(Array.from(copy.dataSync())).toEqual([1, 2, 3, 4]);
      expect(Array.from(flat.dataSync())).toEqual([1, 2, 3, 4]);
      expect(weight.dataSync()[0]).toBeCloseTo(1 - 1 - 1.9, 5);
      tf.dispose([weight, copy, flat]);
      optimizer.dispose();
    });

    test('refuses what does not fit', () => {
      const run = (attributes: object, inputs: tf.Tensor[], outputs = 1) =>
        execute('TfjsCnnSgdStep', { N: 1, M: 0, S: 0, T: 0, ...attributes }, inputs, outputs);
      const [value, gradient, row] = [tf.ones([2]), tf.ones([2]), tf.ones([1, 8])];
      expect(() => run({}, [value, tf.ones([3]), row])).toThrow(/gradients\[0\] must have shape \[2\], got \[3\]/);
      expect(() => run({}, [value, gradient, tf.ones([1, 7])])).toThrow(/numbers must have shape \[1,8\], got \[1,7\]/);
      expect(() => run({ M: 1 }, [value, gradient, tf.ones([1]), row], 2)).toThrow(/slots\[0\] must have shape \[2\], got \[1\]/);
      expect(() => run({ M: 2 }, [value, gradient, value, value, row], 3)).toThrow(
        /there must be no slot or the velocity for each of the 1 values, got 2/,
      );
      expect(() => run({ S: 2 }, [value, gradient, row, tf.scalar(1), tf.scalar(1)])).toThrow(/S must be 0 or N = 1, got 2/);
      expect(() => run({ S: 1 }, [value, gradient, row, tf.ones([2])])).toThrow(/scales must have shape \[\], got \[2\]/);
    });
  });
});
