/** TensorFlow itself, through tfjs-node: a second oracle for every op, and where portable kernels run. */
import * as tf from '@tensorflow/tfjs-core';
import { checkOps } from '../src/inspect/check-ops.js';
import { opCases } from '../src/inspect/op-cases.js';
import { batchNormTraining, conv2d, maxPool, softmaxCrossEntropy } from '../src/ops/index.js';
import { expectToTrain } from './nets.js';
import { describeIf } from './requires.js';
import { smallNets } from './small-nets.js';
import { opsOf, TENSORFLOW, useAcceleratedTensorFlow, useTensorFlow } from './tensorflow.js';

describeIf('tfjs-node', 'TensorFlow through tfjs-node', () => {
  beforeAll(async () => {
    // tf's own losses leak under its test mode, which jest turns on.
    tf.env().set('IS_TEST', false);
    await useTensorFlow();
  });

  test("is a backend of the project's own tfjs-core", () => {
    expect(tf.getBackend()).toBe(TENSORFLOW);
    expect(tf.engine().backendNames()).toEqual(expect.arrayContaining(['cpu', TENSORFLOW]));
    const product = tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]]));
    expect(Array.from(product.dataSync())).toEqual([11]);
  });

  // The reference against TensorFlow's kernels: what it computes otherwise is a mistake on one side.
  test.each(opCases.map((opCase) => [opCase.name, opCase] as const))('%s', async (_name, opCase) => {
    const [row] = await checkOps([{ ...opCase, builtin: undefined }]);
    if (!row!.report.passed) throw new Error(`${row!.name} on TensorFlow\n${row!.report}`);
  });

  test.each(Object.entries(smallNets))('%s trains and leaves nothing behind', (_name, build) => {
    const before = tf.memory().numTensors;
    const model = build();
    expectToTrain(model);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describeIf('tfjs-node', 'accelerated TensorFlow, without native ops', () => {
  let undo: () => void;
  beforeAll(async () => {
    tf.env().set('IS_TEST', false);
    undo = await useAcceleratedTensorFlow({ native: false });
  });
  afterAll(() => {
    const ours = tf.getKernel('CnnConv2D', TENSORFLOW);
    undo();
    expect(tf.getKernel('CnnConv2D', TENSORFLOW)).not.toBe(ours);
  });

  test.each(opCases.map((opCase) => [opCase.name, opCase] as const))('%s', async (_name, opCase) => {
    const [row] = await checkOps([opCase]);
    if (!row!.report.passed) throw new Error(`${row!.name} on accelerated TensorFlow\n${row!.report}`);
  });

  // In test mode tfjs counts what each kernel leaves behind.
  test.each(Object.entries(smallNets))('%s trains and leaves nothing behind', (_name, build) => {
    tf.env().set('IS_TEST', true);
    const before = tf.memory().numTensors;
    const model = build();
    expectToTrain(model);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
    tf.env().set('IS_TEST', false);
  });

  test('a fused activation costs one op, batch normalisation with its gradients a handful', () => {
    const x = tf.randomUniform([4, 5, 5, 3]) as tf.Tensor4D;
    expect(opsOf(() => conv2d(x, tf.ones([3, 3, 3, 2]), { pads: 'same', activation: 'relu' }))).toEqual(['Conv2D', 'Relu']);
    expect(opsOf(() => batchNormTraining(x))).toEqual(['FusedBatchNormV3']);
    const gradient = tf.grad((v: tf.Tensor) => batchNormTraining(v, { gamma: tf.ones([3]) }).y);
    const dy = tf.ones(x.shape);
    expect(opsOf(() => gradient(x, dy)).filter((op) => op !== 'Identity')).toEqual(['FusedBatchNormV3', 'FusedBatchNormGradV3']);
  });

  test.each([NaN, -Infinity])('a pool of pictures with %d is as everywhere', async (value) => {
    const x = tf.tensor4d([value, 1, value, value, 3, 2, value, value], [1, 2, 4, 1]);
    const pool = (v: tf.Tensor) => maxPool(v as tf.Tensor4D, { size: 2 });
    const [y, dx] = [pool(x), tf.grad(pool)(x, tf.tensor4d([5, 7], [1, 1, 2, 1]))];
    const found = [await y.data(), await dx.data()].map((values) => [...values]);
    const expected = Number.isNaN(value)
      ? [
          [NaN, NaN],
          [5, 0, 7, 0, 0, 0, 0, 0],
        ]
      : [
          [3, -Infinity],
          [0, 0, 7, 0, 5, 0, 0, 0],
        ];
    expect(found).toEqual(expected);
  });

  test('a class that nobody wants may have no probability; one that does not exist is NaN', () => {
    const logits = tf.tensor2d([1, -Infinity, 1], [1, 3]);
    const loss = softmaxCrossEntropy(logits, tf.tensor1d([0], 'int32')).dataSync()[0]!;
    // Of log 2 two roundings.
    expect(Math.abs(loss - Math.LN2)).toBeLessThanOrEqual(2 ** -23);
    expect(softmaxCrossEntropy(tf.zeros([1, 3]), tf.tensor1d([3], 'int32')).dataSync()[0]).toBeNaN();
  });
});
