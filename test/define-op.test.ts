/** What ops do on the tape, beside computing: share memory between gradients, and let go of it in time. */
import * as tf from '@tensorflow/tfjs-core';
import { addRelu, conv2d, joinedConv2d } from '../src/index.js';

describe.each(['cpu', 'wasm-cnn'])('on %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));

  test('the terms of a sum get one gradient, computed once, by handles of their own', async () => {
    const [a, b] = [tf.tensor1d([1, -2, 3, 4]), tf.tensor1d([1, 1, -4, 0])];
    let gradients: tf.Tensor[] = [];
    const { kernelNames } = await tf.profile(() => {
      gradients = tf.grads((p: tf.Tensor, q: tf.Tensor) => addRelu(p, q))([a, b], tf.tensor1d([10, 20, 30, 40]));
      return gradients[0]!;
    });
    expect(kernelNames.sort()).toEqual(['CnnActivationDx', 'CnnAddRelu', 'Identity']);
    const [da, db] = gradients as [tf.Tensor, tf.Tensor];
    const { numDataBuffers } = tf.memory();
    da.dispose();
    expect(tf.memory().numDataBuffers).toBe(numDataBuffers);
    expect([...db.dataSync()]).toEqual([10, 0, 0, 40]);
    db.dispose();
    expect(tf.memory().numDataBuffers).toBe(numDataBuffers - 1);
    tf.dispose([a, b]);
  });

  /** Buffers held when the backward pass has come through `depth` layers. */
  function held(layer: (x: tf.Tensor4D) => tf.Tensor4D, depth: number): number {
    let buffers = 0;
    const probe = tf.customGrad((x: tf.Tensor | tf.GradSaveFunc) => ({
      value: tf.clone(x as tf.Tensor),
      gradFunc: (dy: tf.Tensor) => {
        buffers = tf.memory().numDataBuffers;
        return tf.clone(dy);
      },
    }));
    tf.tidy(() => {
      const run = (x: tf.Tensor): tf.Tensor => {
        let y = probe(x) as tf.Tensor4D;
        for (let i = 0; i < depth; i++) y = layer(y);
        return y;
      };
      tf.grad(run)(tf.ones([1, 16, 16, 4]));
    });
    return buffers;
  }

  test.each<[string, (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.Tensor4D]>([
    ['conv2d', (x, filter) => conv2d(x, filter, { activation: 'relu' })],
    ['joinedConv2d', (x, filter) => joinedConv2d([{ x, filter }], { activation: 'relu' })],
  ])('%s holds on to nothing of the layers that are done but y and dx', (_, layer) => {
    const filter = tf.ones<tf.Rank.R4>([1, 1, 4, 4]);
    const buffersOf = (depth: number) => held((x) => layer(x, filter), depth);
    // One layer more: its y, which the tape keeps, and the dx that the engine keeps.
    expect(buffersOf(5) - buffersOf(4)).toBe(2);
    filter.dispose();
  });
});
