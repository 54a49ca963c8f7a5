import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { describeIf } from './requires.js';
import { TENSORFLOW, useTensorFlow } from './tensorflow.js';

describeIf('tfjs-node', 'TensorFlow through tfjs-node', () => {
  beforeAll(useTensorFlow);

  test("is a backend of the project's own tfjs-core", async () => {
    expect(tf.getBackend()).toBe(TENSORFLOW);
    expect(tf.engine().backendNames()).toEqual(expect.arrayContaining(['cpu', TENSORFLOW]));
    const product = tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]]));
    expect(Array.from(product.dataSync())).toEqual([11]);
  });

  test('takes gradients by the gradients registered here', () => {
    const dx = tf.grad((x) => tf.sum(tf.square(x)))(tf.tensor1d([1, -3]));
    expect(Array.from(dx.dataSync())).toEqual([2, -6]);
  });
});
