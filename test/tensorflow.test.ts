/** TensorFlow itself, through tfjs-node: a second oracle for every op, and where portable kernels run. */
import * as tf from '@tensorflow/tfjs-core';
import '../src/index.js';
import { checkOps } from '../src/inspect/check-ops.js';
import { opCases } from '../src/inspect/op-cases.js';
import { expectToTrain } from './nets.js';
import { describeIf } from './requires.js';
import { smallNets } from './small-nets.js';
import { TENSORFLOW, useTensorFlow } from './tensorflow.js';

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
