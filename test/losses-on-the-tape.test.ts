import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import '../src/index.js';
import type { ReadyOp } from '../src/backends/kernel-host.js';
import type { LossGeometry, Reduction } from '../src/ops/loss/geometry.js';
import { multiclassHinge, multiclassHingeOp } from '../src/ops/multiclass-hinge/multiclass-hinge.js';
import { softmaxCrossEntropy, softmaxCrossEntropyOp } from '../src/ops/softmax-cross-entropy/softmax-cross-entropy.js';
import { fixture } from './fixtures.js';
import { uniform } from './golden-fill.js';
import { expectWithin, ROUNDING } from './kernel-sides.js';
import { generator, seed, values } from './random.js';
import { describeIf, sharedPath } from './requires.js';

describe.each(['cpu', 'wasm-cnn', 'wasm'])('losses on the tape of %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));

  test('labels of every kind and dtype give the same loss and gradient, and nothing is left behind', () => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const logits = tf.tensor2d(values(generator(seed), 20), [4, 5]);
      const indices = tf.tensor1d([0, 3, 4, 1], 'int32');
      const oneHot = tf.oneHot(indices, 5);
      for (const loss of [softmaxCrossEntropy, multiclassHinge]) {
        const wanted = tf.valueAndGrad((z: tf.Tensor2D) => loss(z, indices) as tf.Scalar)(logits);
        for (const labels of [oneHot, tf.cast(oneHot, 'float32'), tf.cast(oneHot, 'bool'), tf.cast(indices, 'float32')]) {
          const { value, grad } = tf.valueAndGrad((z: tf.Tensor2D) => loss(z, labels) as tf.Scalar)(logits);
          expectWithin('loss', Float64Array.from(value.dataSync()), Float64Array.from(wanted.value.dataSync()), () => 1e-6);
          expectWithin('dlogits', Float64Array.from(grad.dataSync()), Float64Array.from(wanted.grad.dataSync()), () => 1e-7);
        }
      }
      const expected = tf.losses.softmaxCrossEntropy(oneHot, logits).dataSync()[0];
      expect(softmaxCrossEntropy(logits, oneHot).dataSync()[0]).toBeCloseTo(expected, 5);
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  test('what does not fit together is named', () => {
    tf.tidy(() => {
      const logits = tf.zeros([4, 5]) as tf.Tensor2D;
      expect(() => softmaxCrossEntropy(logits, tf.zeros([3]))).toThrow(
        'labels must be class indices [4] or one number a class [4, 5]',
      );
      expect(() => softmaxCrossEntropy(logits, tf.zeros([4, 6]))).toThrow('got [4,6]');
      expect(() => softmaxCrossEntropy(tf.zeros([4]) as unknown as tf.Tensor2D, tf.zeros([4]))).toThrow(
        'logits must have shape [batch, classes]',
      );
      expect(() => softmaxCrossEntropy(logits, tf.zeros([4]), { labelSmoothing: 2 })).toThrow(
        'labelSmoothing must be in [0, 1], got 2',
      );
      expect(() => softmaxCrossEntropy(logits, tf.zeros([4]), { reduction: 'all' as Reduction })).toThrow(
        "reduction must be 'mean'",
      );
      expect(() => multiclassHinge(logits, tf.zeros([4]), { margin: NaN })).toThrow('margin must be a finite number, got NaN');
      expect(() => multiclassHinge(logits, 3 as unknown as tf.Tensor)).toThrow('labels must be a tensor, got number');
    });
  });
});

describe.each(['cpu', 'wasm-cnn', 'wasm'])('soft targets and weighed rows on %s against PyTorch in float64', (backend) => {
  interface Golden {
    labelSmoothing: number;
    soft: boolean;
    rows: number[];
    loss: number;
    dlogits: number[];
  }
  const { batch, classes, cases: all } = fixture<{ batch: number; classes: number; cases: Golden[] }>('soft-targets.json');

  test.each(all.map((c) => [`soft ${c.soft}, labelSmoothing ${c.labelSmoothing}`, c] as const))('%s', async (_, c) => {
    await tf.setBackend(backend);
    const shares = uniform('targets', batch * classes).map((v) => v + 1);
    const sums = Array.from({ length: batch }, (__, b) =>
      shares.subarray(b * classes, (b + 1) * classes).reduce((sum, v) => sum + v, 0),
    );
    tf.tidy(() => {
      const logits = tf.tensor2d(
        Float32Array.from(uniform('logits', batch * classes), (v) => 4 * v),
        [batch, classes],
      );
      const targets = c.soft
        ? tf.tensor2d(
            Float32Array.from(shares, (v, i) => v / sums[Math.floor(i / classes)]),
            [batch, classes],
          )
        : tf.tensor1d(
            Array.from({ length: batch }, (__, i) => (7 * i + 3) % classes),
            'int32',
          );
      const weights = tf.tensor1d(Float32Array.from(uniform('weights', batch), (v) => v + 1));
      const { labelSmoothing } = c;
      const f = (z: tf.Tensor2D): tf.Scalar => softmaxCrossEntropy(z, targets, { labelSmoothing, weights }) as tf.Scalar;
      const { value, grad } = tf.valueAndGrad(f)(logits);
      const rows = softmaxCrossEntropy(logits, targets, { labelSmoothing, reduction: 'none' });
      // Logits of at most 4 in some ten roundings, shares and weights of at most 2.
      const bound = 16 * 8 * ROUNDING;
      expectWithin('rows', Float64Array.from(rows.dataSync()), Float64Array.from(c.rows), () => bound);
      expectWithin('loss', Float64Array.from(value.dataSync()), Float64Array.of(c.loss), () => 2 * bound);
      expectWithin('dlogits', Float64Array.from(grad.dataSync()), Float64Array.from(c.dlogits), () => bound);
    });
  });

  test('weights that do not fit are named', () => {
    const logits = tf.zeros([4, 5]) as tf.Tensor2D;
    const labels = tf.zeros([4]);
    expect(() => softmaxCrossEntropy(logits, labels, { weights: tf.zeros([3]) })).toThrow(
      'weights must be [4], one number a row',
    );
    expect(() => softmaxCrossEntropy(logits, labels, { weights: tf.zeros([4], 'int32') })).toThrow('weights must be float32');
    tf.dispose([logits, labels]);
  });
});

describeIf('golden', 'losses against PyTorch in float64', () => {
  interface Golden {
    op: string;
    params: { labelSmoothing: number; margin: number };
    inputs: { logits: { shape: [number, number]; scale: number } };
    outputs: Record<'loss' | 'dlogits', { values: number[] }>;
  }
  const { cases: all } = JSON.parse(readFileSync(sharedPath('golden/ops.json'), 'utf8')) as { cases: Golden[] };
  const own = all.filter(({ op }) => op === 'softmaxCrossEntropy' || op === 'multiclassHinge');

  test.each(own.map((c) => [`${c.op} [${c.inputs.logits.shape}] ${JSON.stringify(c.params)}`, c] as const))(
    '%s',
    async (_, c) => {
      const [batch, classes] = c.inputs.logits.shape;
      const logits = uniform('logits', batch * classes).map((v) => v * c.inputs.logits.scale);
      const labels = Float64Array.from({ length: batch }, (__, i) => (7 * i + 3) % classes);
      const soft = c.op === 'softmaxCrossEntropy';
      const op = (soft ? softmaxCrossEntropyOp : multiclassHingeOp).definition as unknown as ReadyOp<LossGeometry>;
      const { labelSmoothing, margin } = c.params;
      const g = { batch, classes, indexed: true, reduction: 'mean' as const, labelSmoothing, margin };
      const loss = new Float64Array(1);
      const probabilities = new Float64Array(batch * classes);
      op.kernels.reference['forward']({ logits, labels }, { loss, probabilities }, g);
      const dlogits = new Float64Array(batch * classes);
      op.kernels.reference['dlogits']({ dy: Float64Array.of(1), logits, labels, probabilities }, { dlogits }, g);
      const gradient = Float64Array.from(c.outputs.dlogits.values);
      expectWithin('loss', loss, Float64Array.from(c.outputs.loss.values), () => 1e-9 * loss[0]);
      expectWithin('dlogits', dlogits, gradient, (i) => 1e-9 * Math.abs(gradient[i]));
      for (const backend of ['cpu', 'wasm-cnn', 'wasm']) {
        await tf.setBackend(backend);
        tf.tidy(() => {
          const f = (z: tf.Tensor2D): tf.Scalar =>
            (soft
              ? softmaxCrossEntropy(z, tf.tensor1d(Int32Array.from(labels)), { labelSmoothing })
              : multiclassHinge(z, tf.tensor1d(Int32Array.from(labels)), { margin })) as tf.Scalar;
          const { value, grad } = tf.valueAndGrad(f)(tf.tensor2d(Float32Array.from(logits), [batch, classes]));
          const roundings = (8 + classes / 4) * 16 * ROUNDING;
          expectWithin(`loss on ${backend}`, Float64Array.from(value.dataSync()), loss, () => roundings * loss[0]);
          expectWithin(`dlogits on ${backend}`, Float64Array.from(grad.dataSync()), gradient, () => roundings / batch);
        });
      }
    },
  );
});
