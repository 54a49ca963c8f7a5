/** Blocks: one wiring for shapes, weights and running; computing twice gives the same bits. */
import * as tf from '@tensorflow/tfjs-core';
import { sequential } from '@tensorflow/tfjs-layers';
import { cifarResNet20, layers, resNet18, softmaxCrossEntropy } from '../src/index.js';

beforeAll(() => tf.setBackend('wasm-cnn'));

type Model = ReturnType<typeof sequential>;

/** Loss, gradients of every trained weight and of the input, moving statistics after one step. */
function step(model: Model, seed = 1): Float32Array[] {
  return tf.tidy(() => {
    const [, ...shape] = model.inputs[0]!.shape as number[];
    const x = tf.randomNormal([4, ...shape], 0, 1, 'float32', seed);
    const labels = tf.tensor1d([0, 1, 2, 3]);
    const weights = model.trainableWeights.map((weight) => weight.read());
    const { value, grads } = tf
      .engine()
      .gradients(
        () => softmaxCrossEntropy(model.apply(x, { training: true }) as tf.Tensor2D, labels) as tf.Tensor,
        [x, ...weights],
      );
    const moving = model.nonTrainableWeights.map((weight) => weight.read());
    return [value, ...grads, ...moving].map((tensor) => tensor.dataSync() as Float32Array);
  });
}

function residualNet(recompute: boolean): Model {
  const block = (filters: number, options: object = {}) =>
    layers.residualBlock({ filters, recompute, dropout: 0.3, seed: 5, ...options });
  return sequential({
    layers: [
      layers.conv2d({ inputShape: [8, 8, 3], filters: 4, kernelSize: 3, padding: 1 }),
      block(4),
      block(6, { strides: 2 }),
      block(8, { strides: 2, shortcut: 'zeroPadded' }),
      block(8, { preActivation: true }),
      layers.globalAveragePooling2d(),
      layers.dense({ units: 5 }),
    ],
  });
}

describe('recompute: true', () => {
  it('gives the same loss, gradients, statistics and masks to the bit, step after step', () => {
    const plain = residualNet(false);
    const twice = residualNet(true);
    // Values of their own: test mode takes the first write to a shared one for a leak.
    twice.setWeights(plain.getWeights().map((weight) => tf.tensor(weight.dataSync(), weight.shape)));
    for (let i = 0; i < 3; i++) expect(step(twice, i)).toEqual(step(plain, i));
  });

  it('leaves nothing behind', () => {
    const model = residualNet(true);
    step(model);
    const before = tf.memory();
    step(model);
    const { numTensors, numDataBuffers } = tf.memory();
    expect({ numTensors, numDataBuffers }).toEqual({ numTensors: before.numTensors, numDataBuffers: before.numDataBuffers });
  });
});

it('counts parameters', () => {
  const trained = (model: Model) => model.trainableWeights.reduce((sum, weight) => sum + weight.read().size, 0);
  expect(trained(resNet18() as Model)).toBe(11_689_512);
  expect(trained(cifarResNet20() as Model)).toBe(269_722);
});
