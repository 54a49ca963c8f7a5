/** Schedules and checkpoints in tfjs-layers' own model.fit. */
import '../src/index.js';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { asFitCallback, cosine, epochCheckpoints, oneCycle, plateau, Sgd, scheduled } from '../src/train/index.js';
import { Kept } from './learning-tasks.js';

beforeAll(() => tf.setBackend('wasm-cnn'));

function compiled(learningRate: number): { model: tfl.LayersModel; optimizer: Sgd } {
  const kernelInitializer = tfl.initializers.glorotUniform({ seed: 1 });
  const model = tfl.sequential({ layers: [tfl.layers.dense({ inputShape: [3], units: 2, kernelInitializer })] });
  const optimizer = new Sgd({ learningRate, momentum: 0.9 });
  model.compile({ optimizer, loss: 'meanSquaredError' });
  return { model, optimizer };
}
const data = (): [tf.Tensor, tf.Tensor] => [tf.randomUniform([20, 3], 0, 1, 'float32', 1), tf.ones([20, 2])];

test('a schedule moves learning rate and momentum from step to step, and puts the rate back', async () => {
  const { model, optimizer } = compiled(0.1);
  const rates: number[] = [];
  const momenta = jest.spyOn(optimizer, 'setMomentum');
  const schedule = oneCycle();
  const spying = asFitCallback({ onStep: () => void rates.push(optimizer.learningRate) }, model);
  await model.fit(...data(), {
    epochs: 2,
    batchSize: 5,
    verbose: 0,
    callbacks: [spying, asFitCallback(scheduled(schedule, optimizer), model)],
  });
  const moments = Array.from({ length: 8 }, (_, step) => ({ step, steps: 8, epoch: Math.floor(step / 4), epochs: 2 }));
  expect(rates).toEqual(moments.map((moment) => schedule.learningRate(0.1, moment)));
  expect(momenta.mock.calls.flat()).toEqual(moments.map((moment) => schedule.momentum!(moment)));
  expect(optimizer.learningRate).toBe(0.1);
});

test('a schedule that looks at results is shown the loss of each epoch', async () => {
  const { model, optimizer } = compiled(1e-3);
  const schedule = plateau({ patience: 0, threshold: 0.9, factor: 0.5 });
  const rates: number[] = [];
  const callbacks = [
    asFitCallback(scheduled(schedule, optimizer), model),
    asFitCallback({ onEpoch: () => void rates.push(optimizer.learningRate) }, model),
  ];
  // Behind the last epoch there is no step to be moved for.
  await model.fit(...data(), { epochs: 4, batchSize: 20, verbose: 0, callbacks });
  expect(rates).toEqual([1e-3, 5e-4, 2.5e-4, 2.5e-4]);
});

test('a training goes on from the checkpoint of its last epoch', async () => {
  const store = new Kept();
  const train = async (epochs: number) => {
    const { model, optimizer } = compiled(0.1);
    const checkpoints = epochCheckpoints(model, optimizer, store);
    const initialEpoch = await checkpoints.resume();
    const callbacks = [
      asFitCallback(checkpoints, model),
      asFitCallback(scheduled(cosine({ tMax: 4, by: 'epoch' }), optimizer), model),
    ];
    // One batch an epoch: its pictures come in another order, and their mean gradient is the same but for rounding.
    await model.fit(...data(), { epochs, initialEpoch, batchSize: 20, verbose: 0, callbacks });
    return { initialEpoch, weights: model.getWeights().map((weight) => weight.dataSync()) };
  };
  const unbroken = await train(4);
  store.checkpoints.length = 2;
  const resumed = await train(4);
  expect([unbroken.initialEpoch, resumed.initialEpoch]).toEqual([0, 2]);
  resumed.weights.forEach((weight, i) => {
    weight.forEach((value, k) => void expect(Math.abs(value - unbroken.weights[i]![k]!)).toBeLessThan(4 * 20 * 2 ** -24));
  });
  expect((await train(4)).initialEpoch).toBe(4);
});
